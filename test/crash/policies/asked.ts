import { defer, definePolicy, deny, notApplicable, requireApproval, requireInput, z } from '../../../src/kit/policy.ts';
import type { InputSchema, RequirementInput, VerdictInput } from '../../../src/kit/policy.ts';

const SCHEMA: InputSchema = {
  type: 'object',
  properties: { rules: { const: true }, team: { enum: ['red', 'blue'] } },
  required: ['rules', 'team'],
};
const MODERATORS = { roles: ['channel_moderator'] };
const ADMINS = { roles: ['app_instance_admin'] };
const one = { approvers: MODERATORS, anyOf: [{ approve: 1 }] };
const two = { name: 'moderators', approvers: MODERATORS, anyOf: [{ approve: 2 }] };
const admins = { name: 'admins', approvers: ADMINS, anyOf: [{ approve: 1 }] };

/** Who has to approve, by a word of the request's reason. */
const REQUIREMENTS: Record<string, RequirementInput> = {
  review: { stages: [one] },
  stages: { stages: [two, admins] },
  ladder: {
    stages: [
      {
        ...two,
        timedActions: [
          { at: '300ms', do: 'remind' },
          { at: '600ms', do: 'escalate', to: ADMINS },
          { at: '2d', do: 'deny' },
        ],
      },
      admins,
    ],
  },
  impatient: { stages: [{ ...one, timedActions: [{ at: '500ms', do: 'deny' }] }] },
  generous: { stages: [{ ...one, timedActions: [{ at: '500ms', do: 'approve' }] }] },
  overdue: { stages: [{ ...one, dueIn: '500ms', timedActions: [{ at: '200ms', do: 'extend', by: '300ms' }] }] },
};

/** Asks what the words of a request's reason say: first answers, then time, then people. */
export default definePolicy({
  id: 'asked',
  version: '1.0.0',
  title: 'Asks what the reason says',
  params: z.strictObject({}),
  facts: [],
  kind: 'pure',
  evaluate({ reason = '' }, { purpose, answers, now, requestedAt }) {
    const has = (word: string) => reason.includes(word);
    if (purpose === 'extend') return longer(has);
    if (has('asks') && !answers) return requireInput(SCHEMA, 'Who are you?', has('hurries') ? '500ms' : '7d');
    if (answers?.['team'] === 'blue') return deny('BLUE', 'Not the blue team.');
    const until = new Date(requestedAt.getTime() + (has('tomorrow') ? 86_400_000 : has('soon') ? 5_000 : 0));
    if (now < until) return defer(until, '30d', 'not yet');
    const [, requirement] = Object.entries(REQUIREMENTS).find(([word]) => has(word)) ?? [];
    return requirement ? requireApproval(requirement) : notApplicable('nothing to ask');
  },
});

function longer(has: (word: string) => boolean): VerdictInput {
  if (has('never longer')) return deny('LONG_ENOUGH', 'It is long enough.');
  return has('longer') ? requireApproval({ stages: [one] }) : notApplicable('no objection');
}
