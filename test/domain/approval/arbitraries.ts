import * as fc from 'fast-check';
import type { BoundRequirement } from '../../../src/domain/admission.ts';
import { REVIEW_DECISIONS } from '../../../src/domain/approval/panel.ts';
import type { PanelEvent } from '../../../src/domain/approval/panel.ts';
import type { Approvers, Candidate } from '../../../src/domain/requirement.ts';
import {
  ADMIN,
  arn,
  bound,
  DIGEST,
  everybody,
  HOUR,
  MODERATOR,
  OTHER_DIGEST,
  person,
  review,
  rita,
  START,
} from './kit.ts';

const NAMES = ['mona', 'max', 'ada', 'alan', 'bo', 'eve'];
const EXPRESSION = 'chosen';
/** A digest that no request ever has. */
export const FOREIGN_DIGEST = 'f'.repeat(64);

/** Mostly nothing: of too many narrow conditions at once, nothing is left that could happen. */
const sometimes = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
/** Without the keys that are undefined. */
function compact(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined));
}

export const approvers: fc.Arbitrary<Approvers> = fc
  .tuple(
    fc.oneof(
      { weight: 8, arbitrary: fc.record({ roles: fc.constantFrom([MODERATOR], [ADMIN], [MODERATOR, ADMIN]) }) },
      { weight: 1, arbitrary: fc.constant({ roles: ['owner'] }) },
      { weight: 1, arbitrary: fc.record({ users: fc.subarray(NAMES.map(arn), { minLength: 1, maxLength: 2 }) }) },
      { weight: 1, arbitrary: fc.constant({ expression: EXPRESSION }) },
    ),
    sometimes(fc.constantFrom({ expression: EXPRESSION }, { exclude: [arn('max')] })),
  )
  .map((parts): Approvers => Object.assign({}, ...parts) as Approvers);

const duration = fc.constantFrom('0s', '1h', '24h', '1d', '2d', '2d', '5d', '5d');
const action = fc.oneof(
  fc.record({ at: duration, do: fc.constant('remind' as const) }),
  fc.record({ at: duration, do: fc.constant('escalate' as const), to: approvers, instead: fc.boolean() }),
  fc.record({ at: duration, do: fc.constant('extend' as const), by: duration }),
  fc.record({ at: duration, do: fc.constantFrom('deny' as const, 'approve' as const) }),
);

export const threshold = fc
  .record({
    approve: fc.constantFrom(1, 1, 1, 2, 2, 3),
    deny: fc.constantFrom(1, 2, 2, 3),
    approvers: sometimes(approvers),
  })
  .map(compact);

const stage = fc
  .record({
    name: fc.constantFrom('one', 'two'),
    approvers,
    anyOf: fc.array(threshold, { minLength: 1, maxLength: 2 }),
    fallback: sometimes(approvers),
    outcomeIfNoApprovers: fc.constantFrom('deny' as const, 'approve' as const),
    dueIn: sometimes(duration),
    timedActions: fc.oneof(fc.constant([]), fc.array(action, { maxLength: 3 })),
  })
  .map(compact);

/** `stages` of requirements whose bindings differ. */
function requirementsOf(one: fc.Arbitrary<object>): fc.Arbitrary<BoundRequirement[]> {
  return fc
    .array(fc.array(one, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 })
    .map((all) => all.map((stages, index) => bound({ stages } as Parameters<typeof bound>[0], `r${index}`)));
}

export const requirements = requirementsOf(stage);
/** Such that only reviews decide them. */
export const reviewedRequirements = requirementsOf(
  fc.record({ approvers, anyOf: fc.array(threshold, { minLength: 1, maxLength: 2 }) }),
);

const someone = fc
  .record({
    arn: fc.constantFrom(...NAMES.map(arn)),
    roles: fc.subarray([MODERATOR, ADMIN, 'owner']),
    matched: fc.subarray([EXPRESSION]),
  })
  .map((one): Candidate => one);
/** Those of the tests, as any expression is true for them. */
export const known = everybody.map((one) => ({ ...one, matched: [EXPRESSION] }));
const usual = fc.constantFrom(...known, ...known, person('eve'), rita);
export const people = fc.oneof(
  fc.subarray(known, { minLength: 3 }),
  fc.uniqueArray(fc.oneof(usual, someone), { selector: (one) => one.arn, maxLength: 6 }),
);

/** Of some people, who hold more or less than before. */
const standings = fc.uniqueArray(someone, { selector: (one) => one.arn, minLength: 1, maxLength: 4 });

/** An event at some time, in ms since 1970, and about the request as it is then. */
type EventAt = (at: number, digest: string) => PanelEvent;

export const reviewBy = (who: fc.Arbitrary<Candidate>) =>
  fc
    .tuple(
      who,
      fc.constantFrom('approve', 'approve', 'approve', 'deny', ...REVIEW_DECISIONS),
      fc.oneof(
        { weight: 8, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: fc.constantFrom(DIGEST, OTHER_DIGEST, FOREIGN_DIGEST) },
      ),
    )
    .map(
      ([one, decision, other]) =>
        (at: number, digest = DIGEST) =>
          review(one, decision, { at, requestDigest: other ?? digest }),
    );

function eventOf(asked: readonly BoundRequirement[]): fc.Arbitrary<EventAt> {
  const again = fc.oneof(fc.subarray([...asked], { minLength: 1 }), fc.constant(asked), requirements);
  const digest = fc.constantFrom(DIGEST, DIGEST, OTHER_DIGEST);
  const parties = sometimes(fc.constantFrom([rita.arn], [rita.arn, arn('bo')]));
  return fc.oneof(
    { weight: 6, arbitrary: reviewBy(fc.oneof({ weight: 4, arbitrary: usual }, someone)) },
    { weight: 2, arbitrary: fc.constant<EventAt>((at) => ({ kind: 'time', at })) },
    { weight: 1, arbitrary: people.map((list): EventAt => (at) => ({ kind: 'roster', at, people: list })) },
    { weight: 1, arbitrary: standings.map((list): EventAt => (at) => ({ kind: 'standing', at, people: list })) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(again, people, digest, parties, fc.boolean())
        .map(([some, list, requestDigest, excluded, paused]): EventAt => (at) => ({
          kind: 'required',
          at,
          requirements: some,
          people: list,
          requestDigest,
          ...(excluded ? { excluded } : {}),
          paused,
        })),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom('r0', 'r0', 'r1', 'r9'), approvers, people)
        .map(([binding, to, list]): EventAt => (at) => ({
          kind: 'reassign',
          at,
          binding,
          to,
          people: [...known, ...list],
        })),
    },
  );
}

/** What happens to a request: what is asked, of whom, and then one thing after the other, some at the same time, some late. */
export const courses = requirements.chain((asked) =>
  fc.record({
    asked: fc.constant(asked),
    among: fc.oneof({ weight: 8, arbitrary: fc.constant(known) }, { weight: 1, arbitrary: people }),
    days: fc.integer({ min: 1, max: 12 }),
    events: fc
      .array(fc.tuple(fc.constantFrom(-HOUR, 0, 0, 1, HOUR, HOUR, 24 * HOUR), eventOf(asked)), {
        minLength: 3,
        maxLength: 14,
      })
      .map((steps) => {
        let [at, digest] = [START, DIGEST];
        return steps.map(([later, eventAt]) => {
          const event = eventAt((at += later), digest);
          if (event.kind === 'required') digest = event.requestDigest;
          return event;
        });
      }),
  }),
);

export type Course = typeof courses extends fc.Arbitrary<infer T> ? T : never;
