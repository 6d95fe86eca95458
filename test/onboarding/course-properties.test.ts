import {
  array,
  assert,
  boolean,
  constantFrom,
  integer,
  oneof,
  property,
  record as recordOfArbitraries,
} from 'fast-check';
import type { Arbitrary } from 'fast-check';
import { expect, test } from 'vitest';
import { refusedCommand } from '../../src/domain/onboarding/allowed.ts';
import { report, withChild } from '../../src/domain/onboarding/children.ts';
import type { ChildView } from '../../src/domain/onboarding/children.ts';
import { end, failStep, finish } from '../../src/domain/onboarding/ending.ts';
import { pause, resume, retryStep, skip } from '../../src/domain/onboarding/operate.ts';
import type { OnboardingRecord } from '../../src/domain/onboarding/state.ts';
import { currentStep, percentOf, withStep } from '../../src/domain/onboarding/steps.ts';
import { todoOf } from '../../src/domain/onboarding/todo.ts';
import { at, child, deed, form, GRANT, HOUR, join, joined, message, recordOf, START, user, wait } from './support.ts';

type Event = {
  readonly what: 'pass' | 'done' | 'fail' | 'child' | 'skip' | 'retry' | 'pause' | 'resume' | 'cancel' | 'removal';
  readonly hours: number;
  readonly pick: number;
  readonly yes: boolean;
};
const event: Arbitrary<Event> = recordOfArbitraries({
  what: constantFrom(
    ...Array<'child'>(8).fill('child'),
    ...Array<'removal'>(4).fill('removal'),
    ...Array<'done'>(3).fill('done'),
    'pass',
    'fail',
    'skip',
    'retry',
    'pause',
    'resume',
    'resume',
    'cancel',
  ),
  hours: integer({ min: 0, max: 60 }),
  pick: integer({ min: 0, max: 5 }),
  yes: boolean(),
});
const step = (index: number) =>
  oneof(
    recordOfArbitraries({ onFailure: constantFrom('fail', 'skip', 'compensate-and-stop', 'hold') }).map((more) =>
      join(`s${index}`, more),
    ),
    recordOfArbitraries({ dueIn: constantFrom('1d', '3d'), onFailure: constantFrom('skip', 'hold') }).map((more) =>
      form(`s${index}`, more),
    ),
    constantFrom(wait(`s${index}`), message(`s${index}`, { onFailure: 'skip' })),
  );
const flows = integer({ min: 1, max: 6 }).chain((length) =>
  array(integer(), { minLength: length, maxLength: length }).chain((all) => {
    const steps = all.map((_, index) => step(index));
    return steps.reduce<Arbitrary<object[]>>(
      (before, one) => before.chain((list) => one.map((made) => [...list, made])),
      constantFrom([]),
    );
  }),
);

const CHILD_ENDS: ChildView[] = [
  joined,
  { state: 'active', outcome: null, grant: GRANT },
  { state: 'closed', outcome: 'alreadyMember' },
  { state: 'closed', outcome: 'denied' },
  { state: 'closed', outcome: 'withdrawn' },
  { state: 'open' as never, outcome: null },
];

/** What the world might do to an onboarding, in any order. */
function happen(
  record: OnboardingRecord,
  { what, pick, yes }: Event,
  now: number,
  removed: number[],
): OnboardingRecord {
  const current = currentStep(record)?.state.id ?? '';
  const chosen = record.steps[pick % record.steps.length]?.id ?? '';
  const allowed = (name: 'skip' | 'retryStep', id: string) =>
    refusedCommand({ name, command: { actor: { principal: user('ada') }, step: id, reason: 'x' } }, record) ===
    undefined;
  switch (what) {
    case 'done':
      return record.state === 'running' && current && currentStep(record)?.step.kind !== 'join'
        ? finish(record, current, now)
        : record;
    case 'fail':
      return record.state === 'running' ? failStep(record, current, { type: 'X', message: 'x' }, now) : record;
    case 'child': {
      const todo = todoOf(record);
      if (todo?.do === 'join') return withChild(record, todo.step.id, child(todo.step.id));
      const open = record.steps.find((one) => one.child?.state === 'open');
      const view = CHILD_ENDS[pick];
      return open && view ? report(record, open.id, view, now) : record;
    }
    case 'skip':
      return allowed('skip', chosen) ? skip(record, chosen, deed) : record;
    case 'retry':
      return allowed('retryStep', chosen) ? retryStep(record, chosen, now) : record;
    case 'pause':
      return record.state === 'running' ? pause(record, now) : record;
    case 'resume':
      return record.state === 'paused' ? resume(record, now) : record;
    case 'cancel':
      return ['running', 'paused', 'incident'].includes(record.state) && !record.ending
        ? end(record, { outcome: 'cancelled', compensate: yes, reason: 'x' })
        : record;
    case 'removal': {
      const todo = todoOf(record);
      if (todo?.do === 'withdraw')
        return withStep(record, todo.step, { child: { ...child(todo.step), withdraw: 'asked' } });
      if (todo?.do !== 'remove') return record;
      removed.push(todo.index);
      return {
        ...record,
        grants: record.grants.map((grant, index) =>
          index === todo.index ? { ...grant, settled: 'removed' as const } : grant,
        ),
      };
    }
    case 'pass':
      return record;
  }
}

test('whatever happens: one step at a time, percent never falls, the end is final, and grants go the last first', () => {
  let compensated = 0;
  assert(
    property(flows, array(event, { minLength: 1, maxLength: 60, size: 'max' }), (steps, events) => {
      const removed: number[] = [];
      let now = START;
      let record = at(recordOf([...steps, join('last')]), now);
      for (const one of events) {
        now += one.hours * HOUR;
        const before = record;
        record = at(happen(record, one, now, removed), now);
        expect(record.steps.filter(({ status }) => status === 'now').length).toBeLessThanOrEqual(1);
        expect(percentOf(record)).toBeGreaterThanOrEqual(percentOf(before));
        expect(record.grants.length).toBeGreaterThanOrEqual(before.grants.length);
        expect(record.outcome).toBe(before.state === 'closed' ? before.outcome : record.outcome);
        // Steps end in order, but for those that were skipped ahead.
        const open = record.steps.findIndex(({ status }) => status === 'future');
        const begun = record.steps.findIndex(({ status }) => status === 'now');
        expect(open < 0 || begun < open).toBe(true);
      }
      expect(removed).toEqual([...removed].toSorted((a, b) => b - a));
      const { ending, grants } = record;
      const isLeft = grants.some(({ settled }) => settled === undefined);
      expect(record.state === 'closed' && ending?.compensate && isLeft).toBeFalsy();
      expect(ending?.compensate ? [] : removed).toEqual([]);
      compensated += record.state === 'closed' && removed.length > 1 ? 1 : 0;
    }),
    { numRuns: 500 },
  );
  // The property is about something: some runs removed several grants.
  expect(compensated).toBeGreaterThan(0);
});
