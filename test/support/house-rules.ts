import type { VerdictInput } from '../../src/schemas/verdict.ts';
import { bind } from '../../src/policies/binding.ts';
import { createPolicySet, embeddedPolicySet } from '../../src/policies/policy-set.ts';
import type { PolicySet } from '../../src/policies/policy-set.ts';
import { policyThat } from '../policies/fixtures.ts';

/** Nothing of this may become Markdown, HTML or a link. */
export const NASTY = 'audits <b>the</b> board *weekly* at https://x.example, www.x.example and a@x.example';
const MODERATORS = { roles: ['channel_moderator'] };
export const DEFER_UNTIL = new Date(Date.now() + 5 * 86_400_000).toISOString();

/** Policies as people write them; which of them speaks is asked for in the reason. */
const SAID: Readonly<Record<string, VerdictInput>> = {
  ladder: {
    verdict: 'requireApproval',
    requirement: {
      stages: [
        {
          name: 'operators',
          approvers: MODERATORS,
          anyOf: [{ approve: 2 }],
          timedActions: [
            { at: '1d', do: 'remind' },
            { at: '2d', do: 'escalate', to: { roles: ['app_instance_admin'] } },
            { at: '5d', do: 'deny' },
          ],
        },
        { name: 'owners', approvers: { roles: ['app_instance_admin'] }, anyOf: [{ approve: 1 }], dueIn: '3d' },
      ],
    },
  },
  approval: { verdict: 'requireApproval', requirement: { approvers: MODERATORS, approve: 1 } },
  questions: {
    verdict: 'requireInput',
    schema: { type: 'object', properties: { rules: { const: true } }, required: ['rules'] },
    prompt: `Do you accept the rules? ${NASTY}`,
    expiresIn: '7d',
  },
  patience: { verdict: 'defer', until: DEFER_UNTIL, giveUpAfter: '20d', because: 'Members of a day are not let in.' },
  term: { verdict: 'allow', term: { max: '90d', remind: ['7d', '1d'] } },
};

/** A set whose `house-rules` answer what the reason of a request names; else they allow. More than that needs approval. */
export function houseRules(): PolicySet {
  const { bindings } = embeddedPolicySet();
  const house = policyThat(
    ({ reason = '' }, { purpose }) => (purpose === 'extend' ? SAID['approval'] : SAID[reason]) ?? { verdict: 'allow' },
    'house-rules',
  );
  const others = bindings.filter(({ name }) => name !== 'privacy');
  return createPolicySet([...others, bind(house, { limit: 1 }, { name: 'house-rules' })]);
}
