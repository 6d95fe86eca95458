import { z } from 'zod';
import { definePolicy } from './policy.ts';
import { deny, notApplicable } from './verdicts.ts';

/** Nobody joins, or brings in others, while banned from the channel. Only moderators and admins learn of the ban. */
export const ban = definePolicy({
  id: 'ban',
  version: '1.0.0',
  title: 'Bans',
  params: z.strictObject({}),
  facts: ['member.ban', 'requester.ban'],
  kind: 'pure',
  evaluate(_request, { facts }) {
    const visibility = 'opaque';
    if (facts['member.ban']) {
      return deny('BANNED', 'The member is banned from this channel.', { field: 'memberArn', visibility });
    }
    if (facts['requester.ban']) {
      return deny('BANNED', 'The requester is banned from this channel.', { field: 'requestedBy', visibility });
    }
    return notApplicable('neither the member nor the requester is banned');
  },
});
