import {
  celEnv,
  celFunc,
  celMethod,
  CelScalar,
  isCelError,
  objectType,
  type CelFunc,
  type CelInput,
} from '@bufbuild/cel';
import { LRUCache } from 'lru-cache';
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
  /** CEL's own grammar (`1h30m`) and days: it has every duration of ours, where CEL stops at hours. */
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

const TIMESTAMP = objectType('google.protobuf.Timestamp');

export const FIELDS: Record<string, (date: Date) => number> = {
  getFullYear: (date) => date.getUTCFullYear(),
  getMonth: (date) => date.getUTCMonth(),
  getDate: (date) => date.getUTCDate(),
  getDayOfMonth: (date) => date.getUTCDate() - 1,
  getDayOfWeek: (date) => date.getUTCDay(),
  getDayOfYear: (date) => Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000),
  getHours: (date) => date.getUTCHours(),
  getMinutes: (date) => date.getUTCMinutes(),
  getSeconds: (date) => date.getUTCSeconds(),
  getMilliseconds: (date) => date.getUTCMilliseconds(),
};

/**
 * The getters of timestamps. The library's own go through the local time of the machine: in a zone with summer time,
 * `getHours()` is wrong for an hour a year and `getDayOfYear()` for an hour a day, and workers would disagree.
 */
export const timeFunctions: CelFunc[] = Object.entries(FIELDS).flatMap(([name, field]): CelFunc[] => [
  celMethod(name, TIMESTAMP, [], CelScalar.INT, function () {
    return BigInt(field(wallClock(this.message)));
  }),
  celMethod(name, TIMESTAMP, [CelScalar.STRING], CelScalar.INT, function (zone) {
    return BigInt(field(wallClock(this.message, zone)));
  }),
]);

/** A date whose UTC fields are what a clock in the zone shows. */
function wallClock(message: unknown, zone = 'UTC'): Date {
  const { seconds, nanos } = message as { seconds: bigint; nanos: number };
  const ms = Number(seconds) * 1_000 + Math.floor(nanos / 1_000_000);
  const [, sign, hours, minutes] = /^([+-]?)(\d\d):(\d\d)$/.exec(zone) ?? [];
  if (hours !== undefined && minutes !== undefined) {
    const offset = (Number(hours) * 60 + Number(minutes)) * 60_000;
    return new Date(sign === '-' ? ms - offset : ms + offset);
  }
  if (zone === 'UTC') return new Date(ms);
  const parts = Object.fromEntries(
    clockIn(zone)
      .formatToParts(ms)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 1, day, hour, minute, second } = parts;
  return new Date(Date.UTC(year, month - 1, day, hour, minute, second, ((ms % 1_000) + 1_000) % 1_000));
}

const clocks = new LRUCache<string, Intl.DateTimeFormat>({ max: 500 });

/** There are some hundreds of zones, and to make a clock takes a hundred times as long as to look at it. */
function clockIn(zone: string): Intl.DateTimeFormat {
  const known = clocks.get(zone);
  if (known) return known;
  if (!ZONE.test(zone)) throw new Error(`there is no time zone ${zone.slice(0, 50)}`);
  try {
    const clock = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    clocks.set(zone, clock);
    return clock;
  } catch {
    throw new Error(`there is no time zone ${zone}`);
  }
}

const ZONE = /^[A-Za-z0-9_+/-]{1,64}$/;
