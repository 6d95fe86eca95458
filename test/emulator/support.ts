import { ChimeSDKIdentity } from '@aws-sdk/client-chime-sdk-identity';
import { ChimeSDKMessaging } from '@aws-sdk/client-chime-sdk-messaging';
import { afterAll } from 'vitest';
import { startEmulator, type EmulatorOptions, type Seed } from '../../emulator/server.ts';

export const instanceId = '11111111-2222-4333-8444-555555555555';
export const instance = `arn:aws:chime:us-east-1:111122223333:app-instance/${instanceId}`;

export const user = (id: string) => `${instance}/user/${id}`;
export const bot = (id: string) => `${instance}/bot/${id}`;
export const channelArn = (id: string) => `${instance}/channel/${id}`;

type Channels = readonly Omit<NonNullable<Seed['channels']>[number], 'appInstance'>[];

/** A seed with one app instance; `ada` is its admin. */
export function seedOf(users: readonly string[], channels: Channels): Seed {
  return {
    appInstances: [{ id: instanceId, users: ['ada', ...users].map((id) => ({ id })), admins: ['ada'] }],
    channels: channels.map((channel) => ({ appInstance: instanceId, ...channel })),
  };
}

export function clientsOf(endpoint: string) {
  const config = {
    endpoint,
    region: 'us-east-1',
    maxAttempts: 1,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  return { messaging: new ChimeSDKMessaging(config), identity: new ChimeSDKIdentity(config) };
}

/** An emulator with both clients, stopped after the file's tests. */
export async function emulator(options: EmulatorOptions = {}) {
  const { url, close } = await startEmulator(options);
  const clients = clientsOf(url);
  afterAll(async () => {
    clients.messaging.destroy();
    clients.identity.destroy();
    await close();
  });
  const control = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${url}/_emulator${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
  };
  return { url, ...clients, control };
}

export type Emulated = Awaited<ReturnType<typeof emulator>>;

/** `ok`, or the name of the error the SDK threw. */
export async function outcome(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'ok';
  } catch (error) {
    return (error as Error).name;
  }
}

/** The error an SDK call ends with. */
export async function errorOf(call: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  try {
    await call;
  } catch (error) {
    return error as Error & Record<string, unknown>;
  }
  throw new Error('The call succeeded');
}
