import { randomUUID } from 'node:crypto';
import { startEmulator } from '../../emulator/server.ts';

type Seed = NonNullable<NonNullable<Parameters<typeof startEmulator>[0]>['seed']>;

/** An emulator of a test's own, with the ARNs of what is in it and its control API as functions. */
export interface TestEmulator {
  readonly url: string;
  readonly appInstanceArn: string;
  /** The service bearer: a bot who is admin of the app instance. */
  readonly bearer: string;
  user(id: string): string;
  channel(id: string): string;
  /** Orders faults for the next calls of an operation. */
  fault(operation: string, fault: object, options?: { count?: number; memberArn?: string }): Promise<void>;
  /** Makes one more user, and gives the ARN. */
  newUser(id: string): Promise<string>;
  /** Bans a user, as moderator mona. */
  ban(channel: string, user: string): Promise<void>;
  calls(operation: string, memberArn?: string): Promise<Call[]>;
  close(): Promise<void>;
}

export interface Call {
  readonly at: string;
  readonly operation: string;
  readonly bearer?: string;
  readonly memberArn?: string;
  readonly status: number;
  readonly fault?: string;
}

/**
 * Users: outsiders alice, carol, dave, erin, frank; bob is a member of every channel but lobby; mona and max moderate;
 * ada is admin. Channels: lobby (PUBLIC RESTRICTED), square (PUBLIC UNRESTRICTED), board (PRIVATE RESTRICTED),
 * guild (PRIVATE UNRESTRICTED), arena (elastic).
 */
export async function startTestEmulator(): Promise<TestEmulator> {
  const id = randomUUID();
  const { url, close } = await startEmulator({ seed: seedFor(id) });
  const appInstanceArn = `arn:aws:chime:us-east-1:111122223333:app-instance/${id}`;
  return {
    url,
    appInstanceArn,
    bearer: `${appInstanceArn}/bot/admission-bot`,
    user: (name) => `${appInstanceArn}/user/${name}`,
    channel: (name) => `${appInstanceArn}/channel/${name}`,
    async fault(operation, fault, options = {}) {
      const body = JSON.stringify({ operation, fault, ...options });
      const answer = await fetch(`${url}/_emulator/faults`, { method: 'POST', body });
      if (!answer.ok) throw new Error(await answer.text());
    },
    async newUser(name) {
      const body = JSON.stringify({
        AppInstanceArn: appInstanceArn,
        AppInstanceUserId: name,
        Name: name,
        ClientRequestToken: randomUUID(),
      });
      const answer = await fetch(`${url}/app-instance-users`, { method: 'POST', body });
      if (!answer.ok) throw new Error(await answer.text());
      return `${appInstanceArn}/user/${name}`;
    },
    async ban(channel, user) {
      const path = encodeURIComponent(`${appInstanceArn}/channel/${channel}`);
      const answer = await fetch(`${url}/channels/${path}/bans`, {
        method: 'POST',
        headers: { 'x-amz-chime-bearer': `${appInstanceArn}/user/mona` },
        body: JSON.stringify({ MemberArn: `${appInstanceArn}/user/${user}` }),
      });
      if (!answer.ok) throw new Error(await answer.text());
    },
    async calls(operation, memberArn) {
      const answer = await fetch(`${url}/_emulator/calls?operation=${operation}`);
      const calls = (await answer.json()) as Call[];
      return calls.filter((call) => memberArn === undefined || call.memberArn === memberArn);
    },
    close,
  };
}

function seedFor(id: string): Seed {
  const users = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'mona', 'max', 'ada'];
  const channel = (name: string, privacy: 'PUBLIC' | 'PRIVATE', mode: 'RESTRICTED' | 'UNRESTRICTED') => ({
    appInstance: id,
    id: name,
    privacy,
    mode,
    moderators: ['mona', 'max'],
    members: name === 'lobby' ? [] : ['bob'],
  });
  return {
    appInstances: [
      {
        id,
        users: users.map((user) => ({ id: user, name: user[0]?.toUpperCase() + user.slice(1) })),
        bots: [{ id: 'admission-bot' }, { id: 'helper-bot' }],
        admins: ['ada', 'bot/admission-bot'],
      },
    ],
    channels: [
      channel('lobby', 'PUBLIC', 'RESTRICTED'),
      channel('square', 'PUBLIC', 'UNRESTRICTED'),
      channel('board', 'PRIVATE', 'RESTRICTED'),
      channel('guild', 'PRIVATE', 'UNRESTRICTED'),
      {
        appInstance: id,
        id: 'arena',
        privacy: 'PUBLIC',
        mode: 'RESTRICTED',
        elastic: { MaximumSubChannels: 2, TargetMembershipsPerSubChannel: 2, MinimumMembershipPercentage: 10 },
        moderators: ['mona'],
      },
    ],
  };
}
