const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Ten years: times beyond what dates can hold would throw where nobody can fix it. */
export const MAX_DURATION_MS = 3_650 * UNITS.d;

/** The one grammar of durations, in files, requests, options and variables; a day is 24 hours. */
export const DURATION_GRAMMAR = /^(\d{1,12})(ms|s|m|h|d)$/;

/** What is accepted, for messages. */
export const DURATION = 'a duration such as 500ms, 15s, 24h or 30d, at most 3650d';

export function isDuration(text: string): boolean {
  return DURATION_GRAMMAR.test(text) && durationMs(text) <= MAX_DURATION_MS;
}

/** In ms. The text must be a duration. */
export function durationMs(text: string): number {
  const [, number = '0', unit = 'ms'] = DURATION_GRAMMAR.exec(text) ?? [];
  return Number(number) * UNITS[unit as keyof typeof UNITS];
}

/** A whole number of ms in the largest unit that says it exactly: `90m`, `30d`. */
export function durationText(ms: number): string {
  const fits = Object.entries(UNITS).findLast(([, size]) => ms > 0 && ms % size === 0);
  const [unit, size] = fits ?? ['ms', 1];
  return `${ms / size}${unit}`;
}
