import { parseArn } from '../../domain/arn.ts';
import { eligibleOf } from '../../domain/facts.ts';
import { NO_HISTORY } from '../../domain/history.ts';
import type { Channel, Eligible, FactValues } from '../../domain/facts.ts';
import { parties } from '../../domain/request.ts';
import type { JoinRequest } from '../../domain/request.ts';
import type { FixtureRequest } from './fixture.ts';

const HOME = 'arn:aws:chime:us-east-1:111122223333:app-instance/home';

/** The request of a fixture in full: alice asks to join lobby, unless it says otherwise. It may still be invalid. */
export function fixtureRequest({ channel = 'lobby', member = 'alice', ...rest }: FixtureRequest): object {
  const channelArn = channel.startsWith('arn:') ? channel : `${HOME}/channel/${channel}`;
  const home = parseArn(channelArn)?.appInstanceArn ?? HOME;
  const { requestedBy, chimeBearer, ...others } = rest;
  return {
    channelArn,
    memberArn: inFull(member, home),
    ...others,
    ...(requestedBy === undefined ? {} : { requestedBy: inFull(requestedBy, home) }),
    ...(chimeBearer === undefined ? {} : { chimeBearer: inFull(chimeBearer, home) }),
  };
}

/** `alice` and `bot/helper` as ARNs of the request's app instance. */
export function inFull(id: string, home: string): string {
  if (id.startsWith('arn:')) return id;
  return /^(user|bot)\//.test(id) ? `${home}/${id}` : `${home}/user/${id}`;
}

/** The same, of the app instance that a request is about. */
export function inHomeOf({ channelArn }: Pick<JoinRequest, 'channelArn'>, id: string): string {
  return inFull(id, parseArn(channelArn)?.appInstanceArn ?? HOME);
}

/** Facts as fixtures give them: ids may be short, and of the channel only what differs is said. */
export type FixtureFacts = Partial<Omit<FactValues, 'channel'>> & { channel?: Partial<Channel> };

/**
 * What is so where a fixture does not say otherwise: a PUBLIC RESTRICTED channel with moderators mona and max and admin
 * ada, nobody banned, no membership, and a requester from outside. `approvers` follows from the rosters.
 */
export function fixtureFacts(request: JoinRequest, given: FixtureFacts, askedBy = request.requestedBy): FactValues {
  const home = parseArn(request.channelArn)?.appInstanceArn ?? HOME;
  const inHome = (ids: readonly string[]) => ids.map((id) => inFull(id, home));
  const moderators = inHome(given.moderators ?? ['mona', 'max']);
  const admins = inHome(given.admins ?? ['ada']);
  const role = given['requester.role'] ?? 'outsider';
  return {
    'requester.ban': false,
    'bearer.role': bearerRole(request, role),
    'member.membership': null,
    'member.moderator': moderators.includes(request.memberArn),
    'member.ban': false,
    history: NO_HISTORY,
    approvers: approversOf(parties(request, askedBy), moderators, admins),
    ...given,
    channel: { privacy: 'PUBLIC', mode: 'RESTRICTED', elastic: false, ...given.channel },
    'requester.role': role,
    moderators,
    admins,
  };
}

/** Who makes the call is who asks, or a service bearer, which is an admin. */
function bearerRole({ chimeBearer, requestedBy }: JoinRequest, role: FactValues['requester.role']) {
  if (chimeBearer === undefined) return null;
  return chimeBearer === requestedBy ? role : 'admin';
}

function approversOf(excluded: readonly string[], moderators: readonly string[], admins: readonly string[]): Eligible {
  const may = (arn: string) => parseArn(arn)?.kind === 'user' && !excluded.includes(arn);
  return eligibleOf(moderators.filter(may), admins.filter(may));
}
