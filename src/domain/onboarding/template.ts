import { answerAt } from './condition.ts';
import type { Known } from './condition.ts';
import { cell } from '../text.ts';

const PLACEHOLDER = /\{\{\s*([\w.-]+)\s*\}\}/g;

/** What a text asks for, such as `member.name` or `answers.form.role`. */
export function placeholdersIn(text: string): string[] {
  return [...text.matchAll(PLACEHOLDER)].map(([, name = '']) => name);
}

/** Puts the params in, everywhere in a flow, before it is read; what else stands in braces is left for later. */
export function fillParams(value: unknown, params: Readonly<Record<string, string>>): unknown {
  if (typeof value === 'string') {
    return value.replace(PLACEHOLDER, (whole, name: string) => {
      const [kind, param = ''] = name.split('.');
      return kind === 'params' && Object.hasOwn(params, param) ? (params[param] ?? '') : whole;
    });
  }
  if (Array.isArray(value)) return value.map((one) => fillParams(one, params));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fillParams(one, params)]));
}

/** The text of a message, in one line. What members answered is text and nothing else: it is put in once, and not read again. */
export function messageText(
  text: string,
  known: Pick<Known, 'answersOf'> & { readonly member: { readonly id: string; readonly name: string } },
): string {
  return text.replace(/\s+/g, ' ').replace(PLACEHOLDER, (_, name: string) => {
    if (name === 'member.name') return cell(known.member.name);
    if (name === 'member.id') return cell(known.member.id);
    return cell(written(answerAt(name.replace(/^answers\./, ''), known)));
  });
}

function written(value: unknown): string {
  if (Array.isArray(value)) return value.map(written).join(', ');
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
