import type { Plan, PlanStep } from '../../src/domain/plan.ts';
import { user } from '../policies/fixtures.ts';
import { admin, bound, moderator, T0 } from './views.ts';

/** The steps of a plan that are done, are now or come next. */
export const of = (plan: Plan, status: PlanStep['status']) => plan.steps.filter((step) => step.status === status);
/** Each step in one line: hours since the beginning, and what. */
export const lines = (steps: readonly PlanStep[]) =>
  steps.map(({ at, what }) => {
    const hours = at === undefined ? '' : `${(Date.parse(at) - Date.parse(T0)) / 3_600_000} h: `;
    return `${hours}${what}`;
  });

export const MODS = { roles: ['channel_moderator'] };
export const ADMINS = { roles: ['app_instance_admin'] };
const named = ['otto', 'olga'].map((id) => ({ arn: user(id), roles: [], matched: [] }));
export const people = [moderator('mona'), moderator('max'), admin('ada'), ...named];
/** Two stages, the first with a ladder. */
export const ladder = bound({
  stages: [
    {
      name: 'mods',
      approvers: MODS,
      anyOf: [{ approve: 2 }],
      timedActions: [
        { at: '1d', do: 'remind' },
        { at: '2d', do: 'escalate', to: ADMINS },
        { at: '3d', do: 'escalate', to: { users: [user('otto'), user('olga')] }, instead: true },
        { at: '5d', do: 'deny' },
      ],
    },
    {
      name: 'admins',
      approvers: ADMINS,
      anyOf: [{ approve: 1 }],
      dueIn: '4d',
      timedActions: [{ at: '1d', do: 'remind' }],
    },
  ],
});
