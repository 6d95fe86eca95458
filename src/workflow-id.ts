import { createHash, createHmac } from 'node:crypto';
import type { JoinRequest } from './domain/request.ts';
import { MAX_KEYWORD_LENGTH, type ListedAs } from './domain/search-attributes.ts';

/**
 * The workflow id of a request: one open request for each asker. The type is not part of it, so that the same asker
 * cannot ask for both. It names nobody, also where the request becomes HIDDEN later. Without `key` (`ADMISSION_ID_KEY`)
 * everybody who knows the ARNs can compute it.
 */
export function requestId({ channelArn, memberArn, subChannelId, requestedBy }: JoinRequest, key?: string): string {
  return `join:${hashOf('request', [channelArn, subChannelId ?? null, memberArn, requestedBy], key)}`;
}

/** Whether an id looks like ours and is not: else two keys would allow two open requests. Ids chosen by hand are as they are. */
export function isOfOtherKey(id: string, request: JoinRequest, key?: string): boolean {
  return /^join:[0-9a-f]{24}$/.test(id) && id !== requestId(request, key);
}

/**
 * The workflow id of an onboarding: one open onboarding of a member by each flow for each asker, so that nobody's is in the
 * way of somebody else's.
 */
export function onboardingId(
  flowName: string,
  { member, requestedBy }: { readonly member: string; readonly requestedBy: string },
  key?: string,
): string {
  return `onboard:${flowName}:${hashOf('onboarding', [flowName, member, requestedBy], key)}`;
}

/** The workflow id of what ends the membership of a closed request: one for each grant. */
export function revocationId(id: string, runId: string): string {
  return `revoke:${hashOf('revocation', [id, runId], undefined)}`;
}

/** A person as `AdmissionParties` has them; the same in every request and onboarding. */
export function partyHash(arn: string, key?: string): string {
  return hashOf('party', [arn], key);
}

/** What keeps fairness keys from being computed by others; it is recorded, so it is not the key. */
export function fairnessSalt(key: string): string {
  return hashOf('fairness', [], key);
}

/** How a member is listed, and looked for: by name, or with a key by hash. */
export function memberKeyword(memberArn: string, key?: string): string {
  return key === undefined ? memberArn.slice(0, MAX_KEYWORD_LENGTH) : partyHash(memberArn, key);
}

/** What Temporal's lists may say of the people of a request. `isHidden`: the member is not to be found by name. */
export function listedAs(
  {
    memberArn,
    requestedBy,
    chimeBearer,
    isHidden,
  }: Pick<JoinRequest, 'memberArn' | 'requestedBy' | 'chimeBearer'> & { readonly isHidden: boolean },
  key?: string,
): ListedAs {
  const roles = { m: memberArn, r: requestedBy, ...(chimeBearer === undefined ? {} : { b: chimeBearer }) };
  return {
    member: isHidden ? null : memberKeyword(memberArn, key),
    parties: Object.entries(roles).map(([role, arn]) => `${role}:${partyHash(arn, key)}`),
  };
}

/** 96 bits of SHA-256, or of HMAC-SHA-256; of one purpose it tells nothing about another. */
function hashOf(purpose: string, parts: readonly unknown[], key: string | undefined): string {
  const hash = key === undefined ? createHash('sha256') : createHmac('sha256', key);
  return hash
    .update(JSON.stringify([purpose, ...parts]))
    .digest('hex')
    .slice(0, 24);
}
