import { LRUCache } from 'lru-cache';
import { RE2JS } from 're2js';

/** A pattern that takes a time in proportion to the text and to its own size. */
export interface LinearPattern {
  /** In instructions of the engine. */
  readonly size: number;
  readonly test: (text: string) => boolean;
}

/** Repetitions written out: `(a{10}){10}` has about 100. Very big patterns take seconds to compile alone. */
const MAX_PATTERN = 2_000;

const compiled = new LRUCache<string, LinearPattern>({ max: 200 });

/** Reads a pattern of RE2: no backtracking, so neither lookarounds nor back references. Throws what is wrong with it. */
export function linearPattern(pattern: string): LinearPattern {
  const known = compiled.get(pattern);
  if (known) return known;
  if (writtenOut(pattern) > MAX_PATTERN) throw new Error(`the pattern is too big: more than ${MAX_PATTERN} parts`);
  const program = RE2JS.compile(pattern);
  // What the engine can do without a program has no size of its own.
  const size = Math.max(1, Number(program.programSize() ?? 0), pattern.length / 10);
  const made = { size, test: (text: string) => program.test(text) };
  compiled.set(pattern, made);
  return made;
}

/** About how many parts a pattern has when its repetitions are written out. */
function writtenOut(pattern: string): number {
  const groups: number[] = [];
  let [sum, last] = [0, 0];
  for (const [token] of pattern.matchAll(TOKEN)) {
    const times = /^\{(\d+)(?:,(\d*))?\}$/.exec(token);
    if (token === '(') {
      groups.push(sum);
      [sum, last] = [0, 0];
    } else if (token === ')') {
      last = sum + 1;
      sum = (groups.pop() ?? 0) + last;
    } else if (times) {
      const count = Math.max(Number(times[1]), Number(times[2] || 0), 1);
      sum += last * (count - 1);
      last *= count;
    } else {
      // More than one character is a quotation, a class or an escape: a part each, or fewer than its characters.
      last = token.startsWith(String.raw`\Q`) ? token.length : 1;
      sum += last;
    }
    if (sum > MAX_PATTERN) return sum;
  }
  return groups.reduce((all, one) => all + one, sum);
}

const TOKEN = /\\Q[^]*?(?:\\E|$)|\\[pP]\{[^}]*\}|\\.|\[(?:\\.|[^\]\\])*\]|\{\d+(?:,\d*)?\}|\(|\)|[^]/gsu;
