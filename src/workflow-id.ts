import { createHash } from 'node:crypto';
import { shortName } from './domain/arn.ts';
import type { JoinRequest } from './domain/request.ts';

/**
 * The workflow id of a request: one open request for each asker. The type is not part of it, so that the same asker
 * cannot ask for both. It holds only `[A-Za-z0-9:._@-]` and at most 145 characters (PostgreSQL keeps 255).
 */
export function requestId({ channelArn, memberArn, subChannelId, requestedBy }: JoinRequest): string {
  const asked = hashOf([channelArn, subChannelId ?? null, memberArn, requestedBy]);
  return `join:${shortName(channelArn)}:${shortName(memberArn)}:${asked}`;
}

/** The workflow id of an onboarding: a member has one open onboarding by each flow, whoever asks for it. */
export function onboardingId(flowName: string, memberArn: string): string {
  return `onboard:${flowName}:${shortName(memberArn)}:${hashOf([flowName, memberArn])}`;
}

function hashOf(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 8);
}
