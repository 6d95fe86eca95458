import { z } from 'zod';
import { definePolicy } from './policy.ts';
import { deny, notApplicable } from './verdicts.ts';

/** Elastic channels: moderators name a sub-channel, regular members get one from Chime, and nobody is HIDDEN. */
export const subChannel = definePolicy({
  id: 'sub-channel',
  version: '1.0.0',
  title: 'Sub-channels of elastic channels',
  params: z.strictObject({}),
  facts: ['channel', 'member.moderator'],
  kind: 'pure',
  evaluate(request, { facts }) {
    const field = 'subChannelId';
    const named = request.subChannelId !== undefined;
    if (!facts.channel.elastic) {
      if (!named) return notApplicable('the channel is not elastic');
      return deny('SUB_CHANNEL_NOT_ALLOWED', 'subChannelId is for elastic channels, and this is none.', { field });
    }
    if (request.type === 'HIDDEN') {
      return deny('ELASTIC_NO_HIDDEN', 'Elastic channels have no HIDDEN members.', { field: 'type' });
    }
    if (facts['member.moderator'] && !named) {
      const message = 'The member moderates this elastic channel: subChannelId must say which sub-channel to join.';
      return deny('SUB_CHANNEL_REQUIRED', message, { field });
    }
    if (!facts['member.moderator'] && named) {
      const message = 'Chime chooses the sub-channel of a regular member: leave subChannelId out.';
      return deny('SUB_CHANNEL_NOT_ALLOWED', message, { field });
    }
    return notApplicable('sub-channel and member fit together');
  },
});
