import { createHash } from 'node:crypto';
import { shortName } from '../domain/arn.ts';
import type { JoinRequest } from '../domain/request.ts';

/**
 * The workflow id of a request: one open request for each asker. The type is not part of it, so that the same asker
 * cannot ask for both. It holds only `[A-Za-z0-9:._@-]` and at most 145 characters (PostgreSQL keeps 255).
 */
export function requestId({ channelArn, memberArn, subChannelId, requestedBy }: JoinRequest): string {
  const asked = JSON.stringify([channelArn, subChannelId ?? null, memberArn, requestedBy]);
  const hash = createHash('sha256').update(asked).digest('hex').slice(0, 8);
  return `join:${shortName(channelArn)}:${shortName(memberArn)}:${hash}`;
}
