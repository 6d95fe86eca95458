import { cell } from '../text.ts';
import { answerAt, type Known } from './condition.ts';
import type { FlowProblem, Params } from './params.ts';

const PLACEHOLDER = /\{\{\s*([A-Za-z][\w.-]*)\s*\}\}/g;

/**
 * The only places that params are put into. They never become part of an expression, a pattern, a schema, a condition, a
 * name or a time: those stay as the author wrote them.
 */
type Place = 'text' | 'message' | 'channel' | 'user';

function placeOf([top, index, field, ...below]: readonly PropertyKey[]): Place | undefined {
  if (index === undefined) return top === 'title' ? 'text' : undefined;
  if (top !== 'steps' || typeof index !== 'number') return undefined;
  if (below.length === 0) return PLACES.get(field ?? '');
  const [list, place] = below.slice(-2);
  const isPerson = (list === 'users' || list === 'exclude') && typeof place === 'number';
  return field === 'requirement' && isPerson ? 'user' : undefined;
}

const PLACES = new Map<PropertyKey, Place>([
  ['title', 'text'],
  ['prompt', 'text'],
  ['text', 'message'],
  ['channelArn', 'channel'],
]);

const ACCEPTED: Readonly<Record<Place | 'elsewhere', string>> = {
  text: '{{params.NAME}} of a param that the flow declares',
  message: '{{member.name}}, {{member.id}}, {{params.NAME}} and {{answers.STEP.FIELD}}',
  channel: 'the ARN of a channel, or {{params.NAME}} alone, of a param of type channel',
  user: 'the ARN of a user, or {{params.NAME}} alone, of a param of type user',
  elsewhere:
    'params in title, prompt and text; a channel as channelArn; a user in users and exclude. Nothing is put into anything else',
};

/** The placeholders of a text, such as `member.name` or `answers.form.role`. */
export function placeholdersIn(text: string): string[] {
  return [...text.matchAll(PLACEHOLDER)].map(([, name = '']) => name);
}

/** Placeholders that stand where nothing is put in, or where a param of another type belongs. */
export function misplacedIn(value: unknown, declared: Params, path: readonly PropertyKey[] = []): FlowProblem[] {
  if (typeof value === 'string') return misplaced(value, declared, path);
  if (typeof value !== 'object' || value === null) return [];
  const entries: [PropertyKey, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return entries.flatMap(([key, one]) => {
    const at = [...path, key];
    const inKey = typeof key === 'string' && placeholdersIn(key).length > 0;
    return inKey ? [{ path: at, ...problem('elsewhere') }] : misplacedIn(one, declared, at);
  });
}

function misplaced(text: string, declared: Params, path: readonly PropertyKey[]): FlowProblem[] {
  const asked = placeholdersIn(text);
  if (asked.length === 0) return [];
  const place = placeOf(path);
  // The placeholders that a message may have are known only once all steps are.
  if (place === 'message') return [];
  if (place === undefined) return [{ path, ...problem('elsewhere') }];
  const fits =
    place === 'text'
      ? asked.every((name) => paramOf(name, declared) !== undefined)
      : paramOf(onlyOne(text), declared)?.type === place;
  return fits ? [] : [{ path, ...problem(place) }];
}

function problem(place: Place | 'elsewhere') {
  const message =
    place === 'elsewhere' ? 'nothing is put in here: {{ }} would stay as it is' : 'asks for what is not there';
  return { message, accepted: ACCEPTED[place] };
}

/** The channels and people that a flow leaves to whoever starts it, by place. */
export function chosenIn(value: unknown, path: readonly PropertyKey[] = []): (readonly PropertyKey[])[] {
  if (typeof value === 'string') {
    const place = placeOf(path);
    return (place === 'channel' || place === 'user') && placeholdersIn(value).length > 0 ? [path] : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  const entries: [PropertyKey, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return entries.flatMap(([key, one]) => chosenIn(one, [...path, key]));
}

/** The declaration that `params.NAME` means. */
function paramOf(name: string | undefined, declared: Params): Params[string] | undefined {
  const [kind, param = '', ...more] = name?.split('.') ?? [];
  return kind === 'params' && more.length === 0 && Object.hasOwn(declared, param) ? declared[param] : undefined;
}

/** The one thing that a text asks for, where it is nothing else. */
function onlyOne(text: string): string | undefined {
  return /^\{\{\s*([\w.-]+)\s*\}\}$/.exec(text)?.[1];
}

/**
 * Puts the params in where they belong, before a flow is read. A message is left as it is: it is put together once, when
 * it is sent, so that nothing that was put in is read again.
 */
export function fillParams(
  value: unknown,
  declared: Params,
  params: Readonly<Record<string, string>>,
  path: readonly PropertyKey[] = [],
): unknown {
  if (typeof value === 'string') return filled(value, declared, params, path);
  if (Array.isArray(value)) return value.map((one, index) => fillParams(one, declared, params, [...path, index]));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, fillParams(one, declared, params, [...path, key])]),
  );
}

function filled(
  text: string,
  declared: Params,
  params: Readonly<Record<string, string>>,
  path: readonly PropertyKey[],
): string {
  const place = placeOf(path);
  const valueOf = (name: string | undefined) =>
    paramOf(name, declared) ? params[name?.split('.')[1] ?? ''] : undefined;
  if (place === 'text') return text.replace(PLACEHOLDER, (whole, name: string) => valueOf(name) ?? whole);
  if (place !== 'channel' && place !== 'user') return text;
  const name = onlyOne(text);
  return paramOf(name, declared)?.type === place ? (valueOf(name) ?? text) : text;
}

/** The sources of placeholders in a message. */
export interface MessageParts extends Pick<Known, 'answersOf' | 'params'> {
  readonly member: { readonly id: string; readonly name: string };
}

/** The text of a message. What people wrote is text and nothing else: a cell of it, which is put in once and not read again. */
export function messageText(text: string, known: MessageParts): string {
  return text.replace(PLACEHOLDER, (_, name: string) => {
    if (name === 'member.name') return cell(known.member.name);
    if (name === 'member.id') return cell(known.member.id);
    const [kind, param = ''] = name.split('.');
    if (kind === 'params') return Object.hasOwn(known.params, param) ? cell(known.params[param] ?? '') : '';
    return cell(written(answerAt(name.replace(/^answers\./, ''), known)));
  });
}

function written(value: unknown): string {
  if (Array.isArray(value)) return value.map(written).join(', ');
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
