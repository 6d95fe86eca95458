import { z } from 'zod';

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Ten years: times beyond what dates can hold would throw where nobody can mend it. */
export const MAX_DURATION_MS = 3_650 * UNITS.d;

/** A duration as people write it: `500ms`, `15s`, `24h`, `30d`; at most ten years. */
export const Duration = z
  .string()
  .regex(/^\d{1,9}(ms|s|m|h|d)$/, 'a duration such as 500ms, 15s, 24h or 30d')
  .refine((text) => durationMs(text) <= MAX_DURATION_MS, 'a duration of at most 3650d');

/** In ms. The text must fit `Duration`. */
export function durationMs(text: string): number {
  const [, number = '0', unit = 'ms'] = /^(\d+)(\D+)$/.exec(text) ?? [];
  return Number(number) * UNITS[unit as keyof typeof UNITS];
}
