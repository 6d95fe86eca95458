import {
  array,
  assert,
  constantFrom,
  integer,
  oneof,
  property,
  record as recordOfArbitraries,
  tuple,
} from 'fast-check';
import type { Arbitrary } from 'fast-check';
import { expect, test } from 'vitest';
import { refusedCommand } from '../../src/domain/onboarding/allowed.ts';
import type { OnboardingCommand } from '../../src/domain/onboarding/commands.ts';
import { end, failStep, finish } from '../../src/domain/onboarding/ending.ts';
import { pause, resume, retryStep, skip } from '../../src/domain/onboarding/operate.ts';
import type { OnboardingRecord } from '../../src/domain/onboarding/state.ts';
import { currentStep, percentOf, stateOf } from '../../src/domain/onboarding/steps.ts';
import { todoOf } from '../../src/domain/onboarding/todo.ts';
import { at, deed, form, HOUR, join, message, recordOf, START, user, wait } from './support.ts';
import { ANSWERS, newWorld } from './world.ts';

type Event = {
  readonly what: 'pass' | 'go' | 'work' | 'answer' | 'done' | 'fail' | 'skip' | 'retry' | 'pause' | 'resume' | 'cancel';
  readonly hours: number;
  readonly pick: number;
  readonly yes: boolean;
};
/** Most of the time it goes on, so that a good part of the runs have several grants. */
const event: Arbitrary<Event> = recordOfArbitraries({
  what: constantFrom(
    ...Array<'go'>(30).fill('go'),
    ...Array<'resume'>(3).fill('resume'),
    'work',
    'answer',
    'done',
    'pass',
    'fail',
    'skip',
    'retry',
    'pause',
    'cancel',
  ),
  // Less than the 30 days of an incident in all: otherwise what could not be removed stays.
  hours: integer({ min: 0, max: 10 }),
  pick: integer({ min: 0, max: ANSWERS.length - 1 }),
  yes: constantFrom(true, true, true, false),
});
const joins = (id: string) =>
  recordOfArbitraries(
    {
      onFailure: constantFrom('fail', 'skip', 'compensate-and-stop', 'hold'),
      dueIn: constantFrom('1d', '3d'),
      retry: constantFrom({ times: 1, after: '1h' }),
    },
    { requiredKeys: ['onFailure'] },
  ).map((more) => join(id, more));
const step = (id: string) =>
  oneof(
    { weight: 4, arbitrary: joins(id) },
    {
      weight: 1,
      arbitrary: constantFrom('skip', 'hold').map((onFailure) => form(id, { dueIn: '3d', onFailure })),
    },
    { weight: 1, arbitrary: constantFrom(wait(id), message(id, { onFailure: 'skip' })) },
  );
const flows = integer({ min: 4, max: 9 }).chain((length) =>
  tuple(...Array.from({ length }, (_, index) => step(`s${index}`))),
);

/** What people and the world might do to an onboarding, in any order. */
function happen(
  record: OnboardingRecord,
  { what, pick, yes }: Event,
  now: number,
  world: ReturnType<typeof newWorld>,
): OnboardingRecord {
  const current = currentStep(record)?.state.id ?? '';
  const chosen = (yes && current) || (record.steps[pick % record.steps.length]?.id ?? '');
  const by = { actor: { principal: user('ada') }, reason: 'x' };
  const allowed = (command: OnboardingCommand) => refusedCommand(command, record) === undefined;
  const isWaiting = currentStep(record)?.step.kind !== 'join';
  switch (what) {
    case 'go': {
      const doing = todoOf(record) ? 'work' : isWaiting ? 'done' : 'answer';
      return happen(record, { what: doing, hours: 0, pick, yes }, now, world);
    }
    case 'work':
      return world.work(record, yes, now);
    case 'answer':
      return world.answer(record, ANSWERS[pick] ?? 'joined', yes, now);
    case 'done':
      return record.state === 'running' && current && isWaiting ? finish(record, current, now) : record;
    case 'fail':
      // While its request is open, only time fails a step.
      return record.state === 'running' && stateOf(record, current)?.child?.state !== 'open'
        ? failStep(record, current, { type: 'X', message: 'x' }, now)
        : record;
    case 'skip':
      return allowed({ name: 'skip', command: { ...by, step: chosen } }) ? skip(record, chosen, deed) : record;
    case 'retry': {
      const held = record.incident?.step ?? chosen;
      return allowed({ name: 'retryStep', command: { ...by, step: held } }) ? retryStep(record, held, now) : record;
    }
    case 'pause':
      return allowed({ name: 'pause', command: by }) ? pause(record, now) : record;
    case 'resume':
      return allowed({ name: 'resume', command: by }) ? resume(record, now) : record;
    case 'cancel':
      return allowed({ name: 'cancel', command: { ...by, compensate: yes } })
        ? end(record, { outcome: 'cancelled', compensate: yes, reason: 'x' })
        : record;
    case 'pass':
      return record;
  }
}

function endsOf({ steps }: OnboardingRecord): string[] {
  return steps.flatMap(({ id, status }) => (status === 'done' || status === 'failed' ? [id] : []));
}

/** What holds after every event. */
function expectInOrder(record: OnboardingRecord, before: OnboardingRecord): void {
  expect(record.steps.filter(({ status }) => status === 'now').length).toBeLessThanOrEqual(1);
  expect(percentOf(record)).toBeGreaterThanOrEqual(percentOf(before));
  expect(record.grants.slice(0, before.grants.length).map(({ step: id }) => id)).toEqual(
    before.grants.map(({ step: id }) => id),
  );
  expect(record.outcome).toBe(before.state === 'closed' ? before.outcome : record.outcome);
  // While it is paused nothing ends but what is skipped.
  const isPaused = before.state === 'paused' && record.state === 'paused';
  expect(isPaused ? endsOf(record) : []).toEqual(isPaused ? endsOf(before) : []);
  // Steps end in order, but for those that were skipped ahead.
  const open = record.steps.findIndex(({ status }) => status === 'future');
  const begun = record.steps.findIndex(({ status }) => status === 'now');
  expect(open < 0 || begun < open).toBe(true);
}

test('whatever happens: one step at a time, percent never falls, and it ends with its own grants removed, the last first', () => {
  const runs = 500;
  let several = 0;
  assert(
    property(
      flows,
      array(event, { minLength: 5, maxLength: 60, size: 'max' }),
      array(constantFrom(...ANSWERS), { minLength: 1, maxLength: 5 }),
      (steps, events, answers) => {
        const world = newWorld();
        let now = START;
        let record = at(recordOf([...steps, join('last')]), now);
        for (const one of events) {
          now += one.hours * HOUR;
          const before = record;
          record = at(happen(record, one, now, world), now);
          expectInOrder(record, before);
        }
        record = world.windUp(record, answers, now);
        expect(record.state).toBe('closed');
        const granted = record.grants.map(({ step: id }) => id);
        const left = record.grants.filter(({ settled }) => settled !== 'kept').map(({ step: id }) => id);
        // Every membership that was made is known as a grant, and nothing else is: the world keeps its own list.
        expect(granted.toSorted()).toEqual(world.made.toSorted());
        const isCompensated = record.ending?.compensate === true;
        expect(world.removed).toEqual(isCompensated ? left.toReversed() : []);
        several += world.removed.length > 1 ? 1 : 0;
      },
    ),
    { numRuns: runs },
  );
  // The property is about something: a good part of the runs remove several grants.
  expect(several).toBeGreaterThan(runs / 10);
});
