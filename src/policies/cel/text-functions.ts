import { celEnv, celFunc, celMethod, CelScalar, isCelError, objectType } from '@bufbuild/cel';
import type { CelFunc, CelInput } from '@bufbuild/cel';
import { linearPattern } from '../../bounded/linear-pattern.ts';

const { BOOL, INT, STRING } = CelScalar;
const DURATION = objectType('google.protobuf.Duration');

const parseDuration = [...celEnv().funcs].find(({ id }) => id === 'duration(string)');

/** How many characters a text has: the library's own makes a list of them first. */
function sizeOf(text: string): bigint {
  let size = 0n;
  // oxlint-disable-next-line no-unused-vars -- they are only counted
  for (const _ of text) size += 1n;
  return size;
}

/** Functions that take texts, where the library's own do too much or too little. */
export const textFunctions: CelFunc[] = [
  celFunc('size', [STRING], INT, sizeOf),
  celMethod('size', STRING, [], INT, function () {
    return sizeOf(String(this));
  }),
  /** A pattern is read once, and has a size. */
  celMethod('matches', STRING, [STRING], BOOL, function (pattern) {
    return linearPattern(pattern).test(String(this));
  }),
  /** Days, too, as everywhere else: CEL stops at hours, so that `duration(request.term)` of 30d would be an error. */
  celFunc('duration', [STRING], DURATION, (text) => {
    const hours = text
      .slice(0, 100)
      .replaceAll(/(\d+)(\.\d+)?d/g, (_all, whole: string, rest = '') => inHours(whole, rest));
    const value = parseDuration?.call(0, undefined, [hours]);
    if (value === undefined || isCelError(value)) throw value ?? new Error('no duration');
    return value as CelInput<typeof DURATION>;
  }),
];

function inHours(whole: string, fraction: string): string {
  return `${BigInt(whole) * 24n}h${fraction === '' ? '' : `${Math.round(Number(fraction) * 86_400)}s`}`;
}
