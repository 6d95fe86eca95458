import { z } from 'zod';

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A duration as people write it: `500ms`, `15s`, `24h`, `30d`. */
export const Duration = z.string().regex(/^\d{1,9}(ms|s|m|h|d)$/, 'a duration such as 500ms, 15s, 24h or 30d');

/** In ms. The text must fit `Duration`. */
export function durationMs(text: string): number {
  const [, number = '0', unit = 'ms'] = /^(\d+)(\D+)$/.exec(text) ?? [];
  return Number(number) * UNITS[unit as keyof typeof UNITS];
}
