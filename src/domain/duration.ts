const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Ten years: times beyond what dates can hold would throw where nobody can mend it. */
export const MAX_DURATION_MS = 3_650 * UNITS.d;

/** A duration as people write it: `500ms`, `15s`, `24h`, `30d`. */
export const DURATION = /^\d{1,9}(ms|s|m|h|d)$/;

export function isDuration(text: string): boolean {
  return DURATION.test(text) && durationMs(text) <= MAX_DURATION_MS;
}

/** In ms. The text must be a `DURATION`. */
export function durationMs(text: string): number {
  const [, number = '0', unit = 'ms'] = /^(\d+)(\D+)$/.exec(text) ?? [];
  return Number(number) * UNITS[unit as keyof typeof UNITS];
}
