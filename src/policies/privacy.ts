import { z } from 'zod';
import { shortName } from '../domain/arn.ts';
import { inOffice, isUnrestricted, mayCreateMembership } from '../domain/facts.ts';
import type { VerdictInput } from '../schemas/verdict.ts';
import { DistinctFrom } from '../schemas/requirement.ts';
import { definePolicy } from './policy.ts';
import { allow, deny, notApplicable, requireOther } from './verdicts.ts';

const params = z.strictObject({
  /** An outsider joins a public channel. */
  publicSelfJoin: z.enum(['allow', 'requireApproval', 'deny']).default('allow'),
  /** An outsider asks to join a private channel. */
  privateSelfJoin: z.enum(['requireApproval', 'deny']).default('requireApproval'),
  /** A member of a RESTRICTED channel asks for somebody else. */
  memberInvites: z.enum(['requireApproval', 'deny']).default('requireApproval'),
  /** Who holds no office asks that a membership lasts longer. */
  longerStay: z.enum(['allow', 'requireApproval', 'deny']).default('requireApproval'),
  distinctFrom: DistinctFrom.exactOptional(),
});

/** Who may join, and bring in whom, by the channel's Privacy and Mode: the decision table of docs/architecture.md. */
export const privacy = definePolicy({
  id: 'privacy',
  version: '1.1.0',
  title: 'Privacy of the channel',
  params,
  facts: ['channel', 'requester.role', 'bearer.role'],
  kind: 'pure',
  evaluate(request, { params: rules, facts, purpose, askedBy }) {
    if (request.type === 'HIDDEN') return notApplicable('HIDDEN memberships are the business of hidden-approval');
    const { channel, 'requester.role': role, 'bearer.role': bearerRole } = facts;
    const bearer = request.chimeBearer;
    if (bearer && !mayCreateMembership(bearerRole ?? 'outsider', bearer === request.memberArn, request.type, channel)) {
      return deny('CALLER_NOT_ALLOWED', `Chime would not let ${shortName(bearer)} add this member.`, {
        field: 'chimeBearer',
      });
    }
    const self = askedBy === request.memberArn;
    if (inOffice(role)) return allow();
    // That a member may come in says nothing about how long they stay.
    if (purpose === 'extend')
      return ruled(rules.longerStay, 'LONGER_STAY', 'Nobody stays longer than was agreed here.', rules);
    if (role === 'member') {
      if (self || isUnrestricted(channel)) return allow();
      return ruled(rules.memberInvites, 'MEMBER_INVITES', 'Members of this channel may not bring in others.', rules);
    }
    if (!self) return deny('OUTSIDER_INVITES', 'Who is not a member of a channel may not bring in others.');
    return channel.privacy === 'PUBLIC'
      ? ruled(rules.publicSelfJoin, 'PUBLIC_SELF_JOIN', 'Nobody may add themselves to this public channel.', rules)
      : ruled(rules.privateSelfJoin, 'PRIVATE_SELF_JOIN', 'Nobody may ask to join this private channel.', rules);
  },
});

function ruled(
  rule: 'allow' | 'requireApproval' | 'deny',
  code: string,
  message: string,
  { distinctFrom }: { distinctFrom?: readonly string[] },
): VerdictInput {
  if (rule === 'allow') return allow();
  return rule === 'deny' ? deny(code, message) : requireOther(distinctFrom);
}
