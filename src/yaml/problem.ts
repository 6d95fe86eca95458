import { cells } from '../domain/text.ts';

/** One thing that is wrong with a policy set: where, what, and what would be right. */
export interface LoadIssue {
  readonly file: string;
  /** From 1; none where the file cannot be read at all. */
  readonly line?: number;
  readonly column?: number;
  /** Such as `bindings[2].params.approve`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
  readonly accepted?: string;
}

/** The same before it has a place: found by those who know values, not files. */
export interface Problem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly accepted?: string | undefined;
  /** It is the key at the end of the path that is wrong, not its value. */
  readonly atKey?: boolean;
  /** Where in the text that stands at the path, from 1. */
  readonly within?: { readonly line: number; readonly column: number };
}

/** An issue in one line: `admission.yaml:12:5 bindings[2].params.approve: … (accepted: …)`. */
export function formatIssue(issue: LoadIssue): string {
  const { file, line, column, path, message, accepted } = cells(issue);
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  const where = path === '' ? `${place}:` : `${place} ${path}:`;
  return `${where} ${message}${accepted === undefined ? '' : ` (accepted: ${accepted})`}`;
}

/** A path as people write it: `bindings[2].params`. */
export function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
}

/** The candidate that someone probably meant, if one is close enough. */
export function closest(name: string, candidates: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.floor(name.length / 3));
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: distance(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter((one) => one.distance <= limit)
    .toSorted((a, b) => a.distance - b.distance);
  return ranked[0]?.candidate;
}

/** What would be accepted: the likely one first, then all. */
export function acceptedNames(name: string, candidates: readonly string[], likely = closest(name, candidates)): string {
  return `${likely === undefined ? '' : `did you mean ${likely}? `}one of ${candidates.join(', ')}`;
}

/** How many letters have to be changed, added or left out (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
