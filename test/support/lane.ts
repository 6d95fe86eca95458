import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** The lane of this run: `npm run test:long`, and not `npm test`. */
    isLong: boolean;
  }
}

/**
 * How much of a thing this run does. A file that asks is named `*.long.test.ts`: it runs in both lanes, with what decides
 * in `npm test`, and with all there is in `npm run test:long`.
 */
export function inLane<T>({ short, long }: { readonly short: T; readonly long: T }): T {
  return inject('isLong') ? long : short;
}
