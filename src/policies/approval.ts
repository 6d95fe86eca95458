import { z } from 'zod';
import { CHIME_ROLES } from '../domain/requirement.ts';
import { Approvers, DistinctFrom, Stage } from '../schemas/requirement.ts';
import { approversIn, refuseBadExpressions, Approve } from './params.ts';
import { definePolicy } from './policy.ts';
import { ownRolesIn } from './roster.ts';
import { requireApproval } from './verdicts.ts';

const Params = z
  .strictObject({
    approve: Approve.exactOptional(),
    approvers: Approvers.exactOptional(),
    stages: z.array(Stage).min(1).max(10).exactOptional(),
    distinctFrom: DistinctFrom.exactOptional(),
  })
  .superRefine((params, issues) => {
    const both = params.stages
      ? (['approve', 'approvers'] as const).filter((field) => params[field] !== undefined)
      : [];
    for (const field of both) {
      issues.addIssue({
        code: 'custom',
        path: [field],
        message: `${field} does nothing beside stages: each has its own`,
      });
    }
    refuseBadExpressions(issues, params);
  });

/** Always asks for approvals; the conditions of its binding say of which requests. */
export const approval = definePolicy({
  id: 'approval',
  version: '1.2.0',
  title: 'Approval by people',
  params: Params,
  facts: (params) => ownRolesIn(approversIn(params).map(({ approvers }) => approvers)),
  kind: 'pure',
  evaluate(_request, { params: { stages, approve = 1, approvers = { roles: [...CHIME_ROLES] }, ...distinct } }) {
    return requireApproval(stages ? { stages, ...distinct } : { approvers, approve, ...distinct });
  },
});
