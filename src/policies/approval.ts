import { z } from 'zod';
import { Approve, Approvers } from './params/fields.ts';
import { definePolicy, requireApproval } from './policy.ts';

/** Always asks for approvals; the conditions of its binding say of which requests. */
export const approval = definePolicy({
  id: 'approval',
  version: '1.0.0',
  title: 'Approval by people',
  params: z.strictObject({
    approve: Approve.default(1),
    approvers: Approvers.default({ roles: ['channel_moderator', 'app_instance_admin'] }),
  }),
  facts: [],
  kind: 'pure',
  evaluate(_request, { params }) {
    return requireApproval(params.approve, params.approvers.roles);
  },
});
