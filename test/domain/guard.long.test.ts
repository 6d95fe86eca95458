import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { ACCEPTED_IN_COMMAND, COMMAND_NAMES, isRefusal } from '../../src/domain/commands.ts';
import {
  guardCommand,
  guardOnboardingCommand,
  guardRevocation,
  GUARDS,
  ONBOARDING_GUARDS,
} from '../../src/domain/guard.ts';
import type { Command } from '../../src/domain/join/commands.ts';
import type { State } from '../../src/domain/join/state.ts';
import { joinMachine } from '../../src/domain/join/transition.ts';
import { ACCEPTED_IN_ONBOARDING_COMMAND, ONBOARDING_COMMAND_NAMES } from '../../src/domain/onboarding/commands.ts';
import type { UncheckedCommand } from '../../src/domain/onboarding/commands.ts';
import { onboarding } from '../../src/domain/onboarding/transition.ts';
import { COMMANDS, parseCommand } from '../../src/schemas/commands.ts';
import { ONBOARDING_COMMANDS, parseOnboardingCommand } from '../../src/schemas/onboarding.ts';
import { approval, begun, form, join, START } from '../onboarding/support.ts';
import { user } from '../policies/fixtures.ts';
import { DAY } from './approval/kit.ts';
import { born, commandOf, drawing, outcomeOf, worldOf } from './join/world.ts';
import { createLife } from './support/life.ts';
import { inLane } from '../support/lane.ts';

/** Every command of both workflows: its schema, its guard and the fields that it names. */
const ROWS = [
  ...COMMAND_NAMES.map((name) => ({
    name: `request ${name}`,
    schema: COMMANDS[name] as z.ZodType,
    parse: (input: unknown) => parseCommand(name, input),
    guard: (input: unknown) => guardCommand(name, input),
    fields: Object.keys(GUARDS[name]),
    accepted: ACCEPTED_IN_COMMAND[name],
  })),
  ...ONBOARDING_COMMAND_NAMES.map((name) => ({
    name: `onboarding ${name}`,
    schema: ONBOARDING_COMMANDS[name] as z.ZodType,
    parse: (input: unknown) => parseOnboardingCommand(name, input),
    guard: (input: unknown) => guardOnboardingCommand(name, input),
    fields: Object.keys(ONBOARDING_GUARDS[name]),
    accepted: ACCEPTED_IN_ONBOARDING_COMMAND[name],
  })),
];

const sized = (...sizes: number[]) => fc.constantFrom(...sizes).map((size) => 'x'.repeat(size));
/** Texts around every limit, and of every kind that some field takes. */
const texts = fc.oneof(
  fc.constantFrom('', ' ', 'DEFAULT', user('mona'), 'channel_moderator', 'rota.people', 'so'),
  sized(32, 33, 64, 65, 128, 129, 256, 257, 1_024, 1_025, 1_600, 1_601, 8_192, 8_193),
  fc.string({ maxLength: 20 }),
);
const people = fc.array(fc.constantFrom(user('mona'), user('max'), 'mona'), { maxLength: 51 });
const roles = fc.array(fc.oneof(fc.constantFrom('channel_moderator', 'rota.people'), sized(64, 2_000)), {
  maxLength: 3,
});
const VALUES: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  actor: fc.oneof(
    fc.constant({ principal: user('mona') }),
    fc.record({ principal: texts, assertion: texts }, { requiredKeys: ['principal'] }),
  ),
  decision: fc.constantFrom('approve', 'deny', 'abstain', 'comment', 'requestChanges', 'maybe'),
  step: fc.constantFrom('form', 'review', 'team', 'a'.repeat(64), 'a'.repeat(65), 'Form', ''),
  reviewId: fc.oneof(sized(1, 64, 65), fc.constantFrom('r-1', 'a b', '')),
  requestDigest: fc.constantFrom('a'.repeat(64), 'a'.repeat(63), 'g'.repeat(64)),
  by: fc.constantFrom('30d', '0s', '3650d', '3651d', '30', ''),
  answers: fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 3 }),
  changes: fc.record(
    {
      type: fc.constantFrom('DEFAULT', 'HIDDEN', 'SECRET'),
      subChannelId: fc.option(texts),
      chimeBearer: fc.option(texts),
      reason: fc.option(texts),
      term: fc.option(texts),
    },
    { requiredKeys: [] },
  ),
  to: fc.record({ users: people, roles, expression: texts, exclude: people }, { requiredKeys: [] }),
  policyDigest: sized(0, 12, 64, 65),
  changed: fc.array(fc.constantFrom('channel', 'ban', 'roster', 'facts', 'weather'), { maxLength: 5 }),
  compensate: fc.boolean(),
};

/** What comes near to a command: mostly right fields, mostly of the right kind. */
function near(fields: readonly string[]): fc.Arbitrary<unknown> {
  const requiredKeys = fields.filter((name) => !['comment', 'reviewId', 'requestDigest', 'changed'].includes(name));
  const values = fields.map((name) => [name, fc.oneof({ weight: 9, arbitrary: VALUES[name] ?? texts }, fc.anything())]);
  const odd = { weight: 1, arbitrary: fc.dictionary(fc.string(), fc.anything(), { maxKeys: 2 }) };
  const more = fc.oneof({ weight: 9, arbitrary: fc.constant({}) }, odd);
  return fc
    .tuple(fc.record(Object.fromEntries(values) as Record<string, fc.Arbitrary<unknown>>, { requiredKeys }), more)
    .map(([given, extra]) => ({ ...given, ...extra }));
}

describe.each(ROWS)('the guard of $name', ({ schema, parse, guard, fields, accepted }) => {
  test('lets in all that the schema takes', () => {
    let taken = 0;
    fc.assert(
      fc.property(near(fields), (input) => {
        if (isRefusal(parse(input))) return;
        taken += 1;
        expect(guard(input)).toBe(input);
      }),
      { numRuns: inLane({ short: 500, long: 3_000 }) },
    );
    expect(taken).toBeGreaterThan(inLane({ short: 0, long: 20 }));
  });

  test('refuses what is no such thing at once, with the field and what is accepted', () => {
    const nonsense = [undefined, null, 7, 'x', [], [{}], { actor: 'mona' }, { [fields[0] ?? '']: [], unknown: 1 }];
    for (const input of nonsense) {
      expect(guard(input)).toMatchObject({ field: expect.any(String), message: expect.any(String), accepted });
    }
  });

  test('its fields are those of the schema and of what people are told', () => {
    const { shape } = schema as z.ZodObject;
    expect(fields.toSorted()).toEqual(Object.keys(shape).toSorted());
    const told = accepted.replaceAll(/\{[^}]*\}|: [^,]*(?=,|$)/g, '');
    for (const field of fields) expect(`${field}: ${told}`).toMatch(new RegExp(`: .*\\b${field}\\b`));
  });
});

/** A state of every kind, as lives come to it. */
function statesOfLives(): State[] {
  const found = new Map<string, State>();
  for (let n = 0; n < 200; n += 1) {
    const draw = drawing(Array.from({ length: 200 }, (_, index) => (n * 7919 + index * index * 104_729) % 997));
    const clock = { now: START };
    const world = {
      ...worldOf(draw, clock),
      seen: (_: State, __: unknown, after: State) => found.set(after.state, after),
    };
    const life = createLife(joinMachine, world, { state: born(draw), now: START, thorough: false });
    for (let turn = 0; turn < 30 && life.state.state !== 'closed'; turn += 1) {
      life.turn();
      if (turn % 3 === 1) life.give(commandOf(life.state, draw));
      else if (life.slot) life.finish(outcomeOf(life.slot, draw, clock.now));
      else {
        clock.now += DAY;
        life.pass(DAY);
      }
    }
  }
  return [...found.values()];
}

const ONBOARDINGS = [begun([form('form'), join('team')]), begun([approval('review'), join('a')])];

test('what the guard lets in makes nothing throw that looks at it before it is checked', () => {
  const commands = fc
    .constantFrom(...COMMAND_NAMES)
    .chain((name) => near(Object.keys(GUARDS[name])).map((input) => ({ name, command: guardCommand(name, input) })));
  const steps = fc.constantFrom(...ONBOARDING_COMMAND_NAMES).chain((name) =>
    near(Object.keys(ONBOARDING_GUARDS[name])).map((input) => ({
      name,
      command: guardOnboardingCommand(name, input),
    })),
  );
  const states = statesOfLives();
  expect(states.map(({ state }) => state)).toEqual(
    expect.arrayContaining(['evaluating', 'waitingForPeople', 'active']),
  );
  let passed = 0;
  fc.assert(
    fc.property(commands, steps, (given, step) => {
      if (!isRefusal(given.command)) {
        passed += 1;
        for (const state of states) {
          joinMachine.refuse(state, given as Command);
          joinMachine.rank(state, given as Command);
          joinMachine.call(state, given as Command);
        }
      }
      if (isRefusal(step.command)) return;
      for (const state of ONBOARDINGS) {
        onboarding.refuse(state, step as UncheckedCommand);
        onboarding.rank(state, step as UncheckedCommand);
        onboarding.call(state, step as UncheckedCommand);
      }
    }),
    { numRuns: inLane({ short: 500, long: 3_000 }) },
  );
  expect(passed).toBeGreaterThan(inLane({ short: 50, long: 300 }));
});

test('reevaluate, for which nobody has to answer, is read by the guard in full', () => {
  fc.assert(
    fc.property(near(['policyDigest', 'changed']), (generated) => {
      // Input comes as JSON, which knows no field that is there and undefined.
      const input = JSON.parse(JSON.stringify(generated) ?? 'null') as unknown;
      expect(isRefusal(guardCommand('reevaluate', input))).toBe(isRefusal(parseCommand('reevaluate', input)));
    }),
    { numRuns: 1_000 },
  );
});

describe('the guard of a revocation', () => {
  const command = { actor: { principal: user('mona') }, reason: 'the audit is over' };
  const target = { id: 'join:1', runId: 'r' };

  test('tells the command from whose membership it is about', () => {
    expect(guardRevocation({ ...command, target })).toEqual({ target, command });
  });

  test.each([
    ['no target', command, 'target'],
    ['half a target', { ...command, target: { id: 'join:1' } }, 'target.runId'],
    ['an endless id', { ...command, target: { ...target, id: 'x'.repeat(1_001) } }, 'target.id'],
    ['no reason', { actor: command.actor, target }, 'reason'],
    ['a field of its own', { ...command, target, by: 'me' }, 'revocation'],
    ['nothing', null, 'revocation'],
  ])('refuses %s', (_what, input, field) => {
    expect(guardRevocation(input)).toMatchObject({
      code: 'InvalidCommand',
      field,
      accepted: expect.stringContaining('target'),
    });
  });
});
