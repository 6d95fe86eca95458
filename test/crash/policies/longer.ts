import { definePolicy, deny, notApplicable, requireApproval, z } from '../../../src/kit/policy.ts';

/** Says something where a longer term is asked for, and the reason of the request wants it. */
export default definePolicy({
  id: 'longer',
  version: '1.0.0',
  title: 'Longer terms',
  params: z.strictObject({}),
  facts: [],
  kind: 'pure',
  evaluate({ reason = '' }, { purpose }) {
    if (purpose !== 'extend') return notApplicable('it is about extensions');
    if (reason.includes('never longer')) return deny('LONG_ENOUGH', 'It is long enough.');
    return reason.includes('longer') ? requireApproval(1, ['channel_moderator']) : notApplicable('no objection');
  },
});
