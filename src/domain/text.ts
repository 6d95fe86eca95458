/**
 * Text of people is data: nothing of it may begin a line, end a cell, turn the direction of writing or hide. Every text goes
 * through here before it is laid out, on a terminal, a page or in an e-mail.
 */

const LINE_END = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/gu;

/** Controls, format characters, halves of a pair, fillers: nobody sees them, but they change what is seen. */
const UNSEEN = String.raw`[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}]`;

/** Letters that take another shape where a joiner stands between them. */
const JOINING = ['Arab', 'Syrc', 'Deva', 'Beng', 'Guru', 'Gujr', 'Orya', 'Taml', 'Telu', 'Knda', 'Mlym', 'Sinh']
  .map((script) => String.raw`\p{scx=${script}}`)
  .join('');

/** The same where they are part of writing: in an emoji, between joining letters, as the variant of a Han character. */
const WRITING = [
  String.raw`(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}]\ufe0f?)\u200d(?=\p{Extended_Pictographic})`,
  String.raw`(?<=\p{Extended_Pictographic})\ufe0f`,
  String.raw`(?<=[0-9#*])\ufe0f(?=\u20e3)`,
  String.raw`(?<=[${JOINING}])(?<=[\p{L}\p{M}])[\u200c\u200d](?=[${JOINING}])(?=[\p{L}\p{M}])`,
  String.raw`(?<=\p{scx=Han})[\u{e0100}-\u{e01ef}]`,
].join('|');

const SEEN_OR_NOT = new RegExp(`(${WRITING})|${UNSEEN}`, 'gu');

/** No script puts so many marks on one letter; more of them cover the lines above and below. */
const TOO_MANY_MARKS = /(?<=\p{M}{5})\p{M}+/gu;

const BLANKS = /[\p{Zs}\u2800\t]+/gu;

const MAX_CELL = 2_000;

/** The same text in one line, with everything in it visible. Done again, it changes nothing. */
export function visible(text: string): string {
  return text
    .replace(LINE_END, '⏎')
    .replace(TOO_MANY_MARKS, (marks) => Array.from(marks, escaped).join(''))
    .replace(SEEN_OR_NOT, (char, writing?: string) => writing ?? escaped(char));
}

/** A text that stands beside others: visible, without blanks that could look like the next column, and not too long. */
export function cell(text: string, max = MAX_CELL): string {
  const clean = visible(text.trim().replace(BLANKS, ' ')).trim();
  return clean.length > max
    ? `${clean
        .slice(0, max)
        .toWellFormed()
        .replace(/\ufffd$/, '')}…`
    : clean;
}

/** Every text in something that is about to be laid out, names of fields of people's own included. */
export function cells<T>(value: T): T {
  if (typeof value === 'string') return cell(value, Infinity) as T;
  if (Array.isArray(value)) return value.map(cells) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [cell(name), cells(one)])) as T;
}

/** For a summary in Temporal, which may refuse more than 400 bytes, and then the task fails for ever. */
export function summaryText(text: string): string {
  return cell(text, 100);
}

/** JSON that reads the same, in which nothing steers a terminal or hides. */
export function safeJson(value: unknown, space?: number): string {
  return safeJsonText(JSON.stringify(value, undefined, space));
}

/** The same of what is JSON already. */
export function safeJsonText(json: string): string {
  return json.replace(JSON_UNSEEN, (char) =>
    char
      .split('')
      .map((half) => `\\u${half.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

/** JSON has written the controls below U+0020 as escapes already; what is left of them is its own layout. */
const JSON_UNSEEN = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

function escaped(char: string): string {
  return `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;
}
