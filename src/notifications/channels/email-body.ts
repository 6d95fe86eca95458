import type { Message } from '../channel.ts';

/** The text of an e-mail; the link stands on a line of its own. */
export function textOf({ text, link }: Message): string {
  return [...text, ...(link ? [link] : [])].join('\n\n');
}

/** The same as HTML. What people wrote stays text. */
export function htmlOf({ text, link }: Message): string {
  const paragraphs = text.map((line) => `<p>${escape(line)}</p>`);
  const last = link ? [`<p><a href="${escape(link)}">${escape(link)}</a></p>`] : [];
  return ['<!doctype html>', '<html><body>', ...paragraphs, ...last, '</body></html>'].join('\n');
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
