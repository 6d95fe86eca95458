import {
  DescribeAppInstanceBotCommand,
  DescribeAppInstanceUserCommand,
  ListAppInstanceAdminsCommand,
} from '@aws-sdk/client-chime-sdk-identity';
import {
  DescribeChannelBanCommand,
  DescribeChannelCommand,
  DescribeChannelMembershipCommand,
  DescribeChannelModeratorCommand,
  ListChannelMembershipsCommand,
  ListChannelModeratorsCommand,
} from '@aws-sdk/client-chime-sdk-messaging';
import { parseArn } from '../domain/arn.ts';
import type { Channel, Membership } from '../domain/facts.ts';
import {
  adminsPage,
  banAnswer,
  botAnswer,
  channelAnswer,
  membershipAnswer,
  membersPage,
  moderatorAnswer,
  moderatorsPage,
  readable,
  unreadable,
  userAnswer,
  type Answer,
} from './answers.ts';
import type { ChimeClients } from './client.ts';
import { isNotFound } from './error-signs.ts';

/** Who reads, on which channel, and until when. */
export interface ReadScope {
  readonly channelArn: string;
  readonly bearer: string;
  readonly signal?: AbortSignal;
}

/** A membership with what tells whose work it is. */
export type MadeMembership = Membership & Required<Pick<Membership, 'invitedBy' | 'createdAt'>>;

/**
 * Every read of Chime there is. All throw the SDK's errors, or an unreadable answer where one lacks what was asked for;
 * a Describe that finds nothing answers no.
 */
export interface ChimeReads {
  readonly channel: (scope: ReadScope) => Promise<Channel>;
  readonly membership: (scope: ReadScope, memberArn: string, subChannelId?: string) => Promise<Membership | null>;
  /** The same, for those who ask whose it is: without maker and time there is no answer to that. */
  readonly madeMembership: (
    scope: ReadScope,
    memberArn: string,
    subChannelId?: string,
  ) => Promise<MadeMembership | null>;
  readonly isModerator: (scope: ReadScope, arn: string) => Promise<boolean>;
  readonly isBanned: (scope: ReadScope, arn: string) => Promise<boolean>;
  readonly moderators: (scope: ReadScope) => Promise<string[]>;
  readonly members: (scope: ReadScope, type: Membership['type']) => Promise<string[]>;
  readonly admins: (appInstanceArn: string, signal?: AbortSignal) => Promise<string[]>;
  /** The display name of a user or a bot, where it has one. */
  readonly nameOf: (arn: string, signal?: AbortSignal) => Promise<string | undefined>;
}

type Clients = Pick<ChimeClients, 'messaging' | 'identity'>;

export function createChimeReads(clients: Clients): ChimeReads {
  return { ...describes(clients), ...lists(clients) };
}

type Lists = 'moderators' | 'members' | 'admins';

function describes({ messaging, identity }: Clients): Omit<ChimeReads, Lists> {
  /** A Describe of a membership, with its answer as it came. */
  async function describe(scope: ReadScope, memberArn: string, subChannelId?: string) {
    const about = { ...on(scope), MemberArn: memberArn, SubChannelId: subChannelId };
    const answer = await orNull(messaging.send(new DescribeChannelMembershipCommand(about), abortBy(scope.signal)));
    return (
      answer && { answer, membership: readable(membershipAnswer(scope.channelArn, memberArn, subChannelId), answer) }
    );
  }
  return {
    async channel(scope) {
      const answer = await messaging.send(new DescribeChannelCommand(on(scope)), abortBy(scope.signal));
      return readable(channelAnswer(scope.channelArn), answer);
    },
    async membership(scope, memberArn, subChannelId) {
      return (await describe(scope, memberArn, subChannelId))?.membership ?? null;
    },
    async madeMembership(scope, memberArn, subChannelId) {
      const found = await describe(scope, memberArn, subChannelId);
      if (!found) return null;
      const { invitedBy, createdAt } = found.membership;
      if (invitedBy !== undefined && createdAt !== undefined) return { ...found.membership, invitedBy, createdAt };
      throw unreadable('The answer does not say who made the membership, and when', found.answer);
    },
    async isModerator(scope, arn) {
      const command = new DescribeChannelModeratorCommand({ ...on(scope), ChannelModeratorArn: arn });
      const answer = await orNull(messaging.send(command, abortBy(scope.signal)));
      return answer !== null && Boolean(readable(moderatorAnswer(scope.channelArn, arn), answer));
    },
    async isBanned(scope, arn) {
      const command = new DescribeChannelBanCommand({ ...on(scope), MemberArn: arn });
      const answer = await orNull(messaging.send(command, abortBy(scope.signal)));
      return answer !== null && Boolean(readable(banAnswer(scope.channelArn, arn), answer));
    },
    async nameOf(arn, signal) {
      if (parseArn(arn)?.kind === 'bot') {
        const command = new DescribeAppInstanceBotCommand({ AppInstanceBotArn: arn });
        return readable(botAnswer(arn), await identity.send(command, abortBy(signal)));
      }
      const command = new DescribeAppInstanceUserCommand({ AppInstanceUserArn: arn });
      return readable(userAnswer(arn), await identity.send(command, abortBy(signal)));
    },
  };
}

function lists({ messaging, identity }: Clients): Pick<ChimeReads, Lists> {
  return {
    async moderators(scope) {
      return everyPage(async (page) => {
        const command = new ListChannelModeratorsCommand({ ...on(scope), ...page });
        const answer = await messaging.send(command, abortBy(scope.signal));
        return { answer, ...readable(moderatorsPage(scope.channelArn), answer) };
      });
    },
    async members(scope, Type) {
      return everyPage(async (page) => {
        const command = new ListChannelMembershipsCommand({ ...on(scope), Type, ...page });
        const answer = await messaging.send(command, abortBy(scope.signal));
        return { answer, ...readable(membersPage(scope.channelArn), answer) };
      });
    },
    async admins(AppInstanceArn, signal) {
      return everyPage(async (page) => {
        const answer = await identity.send(
          new ListAppInstanceAdminsCommand({ AppInstanceArn, ...page }),
          abortBy(signal),
        );
        return { answer, ...readable(adminsPage(AppInstanceArn), answer) };
      });
    },
  };
}

function on({ channelArn, bearer }: ReadScope) {
  return { ChannelArn: channelArn, ChimeBearer: bearer };
}

function abortBy(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal ? { abortSignal: signal } : {};
}

async function orNull<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

interface Page {
  readonly answer: Answer;
  readonly arns: readonly string[];
  readonly next: string | undefined;
}

/** So many members a channel takes, at 50 a page. */
const MAX_PAGES = 200;

/** Half a list is none: whoever stands on a page that cannot be reached would hold no office. */
async function everyPage(
  read: (page: { NextToken: string | undefined; MaxResults: number }) => Promise<Page>,
): Promise<string[]> {
  const found = new Set<string>();
  const tokens = new Set<string>();
  for (let NextToken: string | undefined; ;) {
    const { answer, arns, next } = await read({ NextToken, MaxResults: 50 });
    for (const arn of arns) found.add(arn);
    if (next === undefined) return [...found];
    if (tokens.has(next)) throw unreadable('The list leads back to a page that was read already', answer);
    if (tokens.size >= MAX_PAGES) throw unreadable(`The list has more than ${MAX_PAGES} pages`, answer);
    tokens.add(next);
    NextToken = next;
  }
}
