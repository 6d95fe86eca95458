import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boundsIssue, COMMAND_BOUNDS, cut, EVENT_BOUNDS, fewIssues } from '../../src/domain/bounds.ts';
import { COMMAND_NAMES, parseJoinCommand } from '../../src/domain/commands.ts';
import { parseCommand } from '../../src/schemas/commands.ts';
import { parseEvent } from '../../src/schemas/notification.ts';
import { ONBOARDING_COMMAND_NAMES } from '../../src/domain/onboarding/commands.ts';
import { parseOnboardingCommand } from '../../src/schemas/onboarding.ts';
import { parseOnboarding } from '../../src/domain/onboarding/input.ts';
import { cpuTimeOf } from '../support/cpu-time.ts';

const nested = (levels: number): unknown => Array.from({ length: levels }).reduce<unknown>((value) => [value], 'x');
const fields = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`field${n}`, 1]));
const raw = (text: string): unknown => JSON.parse(text);

const TOO_BIG: readonly (readonly [string, unknown])[] = [
  ['a text of 1.5 MB', 'x'.repeat(1_500_000)],
  ['a name of 1.5 MB', { ['x'.repeat(1_500_000)]: 1 }],
  ['a value of 1.5 MB', { channelArn: 'x'.repeat(1_500_000), actor: { principal: 'x'.repeat(1_500_000) } }],
  ['60,000 fields', fields(60_000)],
  ['a million items', { changed: Array.from({ length: 1_000_000 }).fill('ban') }],
  ['a hundred thousand levels', { actor: nested(100_000), channelArn: nested(100_000) }],
  ['many small things', Array.from({ length: 500 }, () => fields(50))],
];

/** Every door by which an input of unknown origin comes in; what each says of it. */
const DOORS: readonly (readonly [string, (input: unknown) => string])[] = [
  ['requestJoin', (input) => JSON.stringify(parseJoinCommand(input))],
  ['startOnboarding', (input) => JSON.stringify(parseOnboarding(input))],
  ['notifyPeople', (input) => JSON.stringify(parseEvent(input))],
  ...COMMAND_NAMES.map((name) => [name, (input: unknown) => JSON.stringify(parseCommand(name, input))] as const),
  ...ONBOARDING_COMMAND_NAMES.map(
    (name) => [`onboarding ${name}`, (input: unknown) => JSON.stringify(parseOnboardingCommand(name, input))] as const,
  ),
];

describe.each(DOORS)('%s', (_name, say) => {
  test.each(TOO_BIG)('refuses %s at once, in few words', (_what, input) => {
    const spent = cpuTimeOf(() => {
      const said = say(input);
      expect(said).toMatch(/is not|too big|is missing|expected|unknown field|Invalid/);
      expect(said.length).toBeLessThan(6_000);
    });
    expect(spent).toBeLessThan(1_000);
  });

  test.each(['__proto__', 'constructor', 'prototype'])('takes no field %s, wherever it stands', (name) => {
    expect(say(raw(`{"params":{"${name}":"x"}}`))).toContain(`"field":"params.${name}"`);
    expect(say(raw(`{"answers":{"a":[{"${name}":1}]},"changes":{},"params":{},"actor":{}}`))).toContain(
      `unknown field ${name}`,
    );
  });
});

describe('what has no canonical JSON is refused: its digest could not be signed', () => {
  const SIGNED = DOORS.filter(([name]) => name !== 'notifyPeople');
  test.each(SIGNED)('%s', (_name, say) => {
    expect(say({ answers: { a: [{ text: 'half a pair: \ud83d' }] } })).toContain(
      '"message":"answers.a.0.text has half of a surrogate pair"',
    );
    expect(say({ answers: { '\ude00': 1 } })).toContain('"field":"answers.\ufffd"');
    expect(say({ answers: { a: Infinity } })).toContain('"message":"answers.a is Infinity"');
    expect(say('\ud83d')).toContain('well-formed Unicode');
  });

  test('an event is told all the same', () => {
    expect(boundsIssue({ message: '\ud83d' }, 'event', EVENT_BOUNDS)).toBeUndefined();
  });
});

test('what is just small enough passes, and one more does not', () => {
  const { levels, items, characters } = COMMAND_BOUNDS;
  const passes = [nested(levels), fields(items), 'x'.repeat(characters)];
  expect(passes.map((input) => boundsIssue(input, 'it'))).toEqual([undefined, undefined, undefined]);
  const refused = [nested(levels + 1), fields(items + 1), 'x'.repeat(characters + 1)];
  expect(refused.map((input) => boundsIssue(input, 'it')?.message)).toEqual(refused.map(() => 'it is too big'));
});

test('an ordinary value of JSON passes', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (input) => {
      fc.pre(!/"(__proto__|constructor|prototype)":/.test(JSON.stringify(input)));
      expect(boundsIssue(input, 'it')).toBeUndefined();
    }),
  );
});

test('what is said of a bad input quotes little of it, and never half a character', () => {
  const long = { field: 'f'.repeat(10_000), message: 'm'.repeat(10_000), accepted: 'a'.repeat(10_000) };
  const said = fewIssues(Array.from({ length: 60_000 }, () => long));
  expect([said.length, JSON.stringify(said).length < 10_000]).toEqual([10, true]);
  expect(cut('😀😀', 3)).toBe('😀\u{fffd}…');
});
