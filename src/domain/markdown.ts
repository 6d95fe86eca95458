import { shortName } from './arn.ts';
import type { PlanStep } from './plan-step.ts';
import { cell } from './text.ts';

/** The page is an overview: what is longer stands in full in the answer of the query `state`. */
const MAX_TEXT = 300;
const MAX_SECTION = 3_000;
/** So long a page can still be overlooked, and is recorded with every change, in characters. */
const MAX_LENGTH = 15_000;

/** User text is data: none of it may become Markdown, HTML or a link. */
export function escape(text: string, max = MAX_TEXT): string {
  return cell(text, max).replace(/[\\`*_{}[\]<>()#+!|~&:/.@-]/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** A code span: not even an address in it becomes a link. An empty one would be no code span. */
export function code(text: string, max = MAX_TEXT): string {
  return `\`${cell(text, max).replace(/`/g, ' ').trim() || ' '}\``;
}

export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

/** The author of something, and that they did not prove it. */
export function person({ by, verified }: { readonly by: string; readonly verified: boolean }): string {
  return `${code(shortName(by))}${verified ? '' : ' (not verified)'}`;
}

/** A list under a title; nothing without items. What has no room is counted. */
export function list(title: string, items: readonly string[], max = 10): string {
  if (items.length === 0) return '';
  const { shown, more } = fitting(
    items.map((item) => `- ${item}`),
    max,
  );
  return [title, '', ...shown, ...(more > 0 ? [`- and ${more} more`] : [])].join('\n');
}

/** The first lines of a section: at most `max`, and no more than fit into it; the first fits always. */
export function fitting(
  lines: readonly string[],
  max: number,
): { readonly shown: readonly string[]; readonly more: number } {
  let room = MAX_SECTION;
  const shown = lines.slice(0, max).filter((line, index) => {
    room -= line.length + 1;
    return room >= 0 || index === 0;
  });
  return { shown, more: lines.length - shown.length };
}

/** A stage that is open: how far it is, until when, and who may review it. */
export function stageLine({ what, who = '', by, people = [], morePeople = 0 }: PlanStep): string {
  const names = people.map((arn) => code(shortName(arn)));
  const all = [...names, ...(morePeople > 0 ? [`${morePeople} more`] : [])].join(', ');
  const until = by === undefined ? '' : ` Until ${by}.`;
  return `${escape(what)}${until} Now it is up to ${escape(who)}: ${all || 'nobody who is known'}`;
}

/** The names of what a schema asks for. */
export function fieldsOf(schema: Readonly<Record<string, unknown>>): string[] {
  const { properties } = schema;
  return typeof properties === 'object' && properties !== null ? Object.keys(properties).slice(0, 10) : [];
}

/** Leaves out whole sections that have no room: half a table helps nobody. `command`: what shows everything. */
export function page(command: string, sections: readonly string[]): string {
  const leftOut = `There is more than this page can show: the query \`state\`, or \`${command}\`, has it all.`;
  const there = sections.filter(Boolean);
  const kept: string[] = [];
  let room = MAX_LENGTH - leftOut.length - SPACER.length - 4;
  for (const section of there) {
    if (section.length + 2 > room) continue;
    kept.push(section);
    room -= section.length + 2;
  }
  return [...kept, ...(kept.length < there.length ? [leftOut] : []), SPACER].join('\n\n');
}

/** The UI's frame is as high as its text without the margins, and cuts off the end: then let it be this. */
const SPACER = '&#160;';
