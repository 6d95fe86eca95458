import { array, boolean, constantFrom, integer, oneof, record, tuple } from 'fast-check';
import type { Arbitrary } from 'fast-check';
import { approval, form, join, message, wait } from '../../onboarding/support.ts';

/** Something that may happen in a life; `pick` chooses among what there is, whatever that is by then. */
export interface Happening {
  readonly what: (typeof WHAT)[number];
  readonly pick: number;
  readonly yes: boolean;
  readonly hours: number;
  /** In the same task as what comes next. */
  readonly together: boolean;
}

/** Most of the time it goes on, so that a good part of the lives come far. */
const WHAT = [
  ...Array<'go'>(24).fill('go'),
  ...(['resume', 'resume', 'review', 'review', 'review', 'due', 'due', 'finish', 'decide', 'pass'] as const),
  ...(['late', 'fail', 'roles', 'outage', 'input', 'skip', 'retry', 'pause', 'cancel'] as const),
  ...(['temporal', 'repeat', 'kill', 'continue', 'signal'] as const),
] as const;

export const happenings: Arbitrary<Happening[]> = array(
  record({
    what: constantFrom(...WHAT),
    pick: integer({ min: 0, max: 99 }),
    yes: constantFrom(true, true, true, false),
    hours: integer({ min: 0, max: 10 }),
    together: constantFrom(false, false, false, true),
  }),
  { minLength: 10, maxLength: 40, size: 'max' },
);

const onFailure = constantFrom('fail', 'skip', 'skip', 'compensate-and-stop', 'hold', 'hold');
const dueIn = constantFrom('1d', '3d');
const retry = constantFrom({ times: 1, after: '1h' }, { times: 2, after: '2d' });
const remind = constantFrom(['1h'], ['6h', '20h']);

const MODERATORS = { roles: ['channel_moderator'] };
const stage = (more: object = {}) => ({
  approvers: MODERATORS,
  anyOf: [{ approve: 1 }, { deny: 1, approve: 1 }],
  ...more,
});
const requirement = constantFrom(
  { approvers: MODERATORS, approve: 1 },
  { approvers: { roles: ['channel_moderator', 'app_instance_admin'] }, approve: 2 },
  { stages: [stage({ name: 'one' }), stage({ name: 'two', dueIn: '12h', justification: 'required' })] },
  { stages: [stage({ name: 'one' }), stage({ name: 'two', timedActions: [{ at: '6h', do: 'approve' }] })] },
  {
    stages: [
      stage({
        timedActions: [
          { at: '2h', do: 'remind' },
          { at: '8h', do: 'escalate', to: { roles: ['app_instance_admin'] } },
        ],
      }),
    ],
  },
  {
    stages: [
      stage({
        timedActions: [
          { at: '4h', do: 'extend', by: '2d' },
          { at: '9h', do: 'deny' },
        ],
      }),
    ],
  },
);

const step = (id: string): Arbitrary<object> =>
  oneof(
    {
      weight: 4,
      arbitrary: record({ onFailure, dueIn, retry, remind }, { requiredKeys: ['onFailure'] }).map((more) =>
        join(id, more),
      ),
    },
    {
      weight: 3,
      arbitrary: record({ onFailure, dueIn, remind, requirement }, { requiredKeys: ['onFailure', 'requirement'] }).map(
        (more) => approval(id, more),
      ),
    },
    {
      weight: 1,
      arbitrary: record({ onFailure, dueIn, remind }, { requiredKeys: ['onFailure'] }).map((more) => form(id, more)),
    },
    {
      weight: 1,
      arbitrary: record({ onFailure, retry }, { requiredKeys: ['onFailure'] }).map((more) => message(id, more)),
    },
    { weight: 1, arbitrary: constantFrom(wait(id), wait(id, { until: '2026-01-02T00:00:00Z' })) },
  );

/** Steps, some of them under a condition, with a join at the end. */
export const flows: Arbitrary<object[]> = integer({ min: 1, max: 6 })
  .chain((length) =>
    tuple(...Array.from({ length }, (_, index) => tuple(step(`s${index}`), boolean(), integer({ min: 0, max: 9 })))),
  )
  .map((steps) => [
    ...steps.map(([one, isPlain, of], index) => {
      const earlier = `s${of % Math.max(index, 1)}`;
      return isPlain || index === 0 ? one : { ...one, if: { not: { step: earlier, is: 'failed' } } };
    }),
    join('last'),
  ]);
