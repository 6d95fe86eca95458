import { linearPattern, type LinearPattern } from '../bounded/linear-pattern.ts';

/** What some escapes of ECMAScript mean where RE2 reads them otherwise: in a class, and alone. */
const SPACE = String.raw`\t\n\v\f\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}`;
const LINE_ENDS = String.raw`\n\r\x{2028}\x{2029}`;

/**
 * A pattern of JSON Schema, which is one of ECMAScript with the flag `u`, in an engine that never backtracks. What that
 * engine lacks (lookarounds, back references) is refused: throws what is wrong.
 */
export function ecmaPattern(pattern: string): LinearPattern {
  // Says what is no pattern at all; it is not matched with anything.
  RegExp(pattern, 'u');
  return linearPattern(translated(pattern));
}

function translated(pattern: string): string {
  let inClass = false;
  return pattern.replaceAll(TOKEN, (token, high?: string, low?: string, hex?: string) => {
    if (high !== undefined && low !== undefined) return codePoint(parseInt(high, 16), parseInt(low, 16));
    if (hex !== undefined) return `\\x{${hex}}`;
    if (!inClass && token.startsWith('[')) {
      if (token === '[]') return String.raw`[^\x00-\x{10FFFF}]`;
      // Also the idiom of those who have no `s` flag.
      if (token.endsWith(']')) return String.raw`[\x00-\x{10FFFF}]`;
      inClass = true;
      return token;
    }
    if (token === ']') inClass = false;
    // In a class of ECMAScript a bracket stands for itself; for RE2 it may begin the name of a class.
    if (inClass && token === '[') return String.raw`\[`;
    if (token === '.' && !inClass) return `[^${LINE_ENDS}]`;
    if (token === String.raw`\s`) return inClass ? SPACE : `[${SPACE}]`;
    if (token === String.raw`\S`) {
      if (inClass) throw new Error(String.raw`\S in a class cannot be kept: write [^…] outside of it`);
      return `[^${SPACE}]`;
    }
    const property = /^\\([pP])\{(?:(?:Script|sc|General_Category|gc)=)?(\w+)\}$/.exec(token);
    if (property) return `\\${property[1]}{${CATEGORIES[property[2] ?? ''] ?? property[2]}}`;
    if (token === String.raw`\0`) return String.raw`\x00`;
    if (/^\\c[A-Za-z]$/.test(token)) return `\\x{${(token.charCodeAt(2) % 32).toString(16)}}`;
    if (inClass && token === String.raw`\b`) return String.raw`\x08`;
    return token;
  });
}

/** Long names of categories, which RE2 does not know; those of scripts are the same. */
const CATEGORIES: Readonly<Record<string, string>> = {
  Letter: 'L',
  Uppercase_Letter: 'Lu',
  Lowercase_Letter: 'Ll',
  Mark: 'M',
  Number: 'N',
  Decimal_Number: 'Nd',
  digit: 'Nd',
  Punctuation: 'P',
  punct: 'P',
  Symbol: 'S',
  Separator: 'Z',
  Space_Separator: 'Zs',
};

const TOKEN =
  /\\u([dD][89abAB][\da-fA-F]{2})\\u([dD][c-fC-F][\da-fA-F]{2})|\\u\{?([\da-fA-F]+)\}?|\\c[A-Za-z]|\\[pP]\{[^}]*\}|\\[^]|\[\\s\\S\]|\[\\S\\s\]|\[\^?\]|\[\^?|\]|\./g;

function codePoint(high: number, low: number): string {
  return `\\x{${((high - 0xd800) * 0x400 + (low - 0xdc00) + 0x10000).toString(16)}}`;
}
