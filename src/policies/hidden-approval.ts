import { z } from 'zod';
import { shortName } from '../domain/arn.ts';
import { inOffice } from '../domain/facts.ts';
import { DistinctFrom } from '../schemas/requirement.ts';
import { definePolicy } from './policy.ts';
import { deny, notApplicable, requireOther } from './verdicts.ts';

/** A HIDDEN member sees everything and is seen by nobody: always another moderator or admin has to agree. */
export const hiddenApproval = definePolicy({
  id: 'hidden-approval',
  version: '1.1.0',
  title: 'HIDDEN members need a moderator',
  params: z.strictObject({ distinctFrom: DistinctFrom.exactOptional() }),
  facts: ['requester.role', 'bearer.role'],
  kind: 'pure',
  evaluate(request, { params: { distinctFrom }, facts, askedBy }) {
    if (request.type !== 'HIDDEN') return notApplicable('the membership is not HIDDEN');
    if (request.chimeBearer && !inOffice(facts['bearer.role'])) {
      const message = `Only moderators and admins add HIDDEN members, and ${shortName(request.chimeBearer)} is neither.`;
      return deny('CALLER_NOT_ALLOWED', message, { field: 'chimeBearer' });
    }
    if (!inOffice(facts['requester.role']) && askedBy !== request.memberArn) {
      return deny('HIDDEN_NEEDS_MODERATOR', 'Only moderators and admins may ask for a HIDDEN membership of others.');
    }
    return requireOther(distinctFrom);
  },
});
