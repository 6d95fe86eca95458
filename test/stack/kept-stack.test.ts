import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import {
  ChimeSDKMessagingClient,
  CreateChannelCommand,
  DescribeChannelCommand,
} from '@aws-sdk/client-chime-sdk-messaging';
import { Client, Connection } from '@temporalio/client';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { readDevFile, AlreadyRunningError } from '../../src/stack/dev-folder.ts';
import { startLocalStack } from '../../src/stack/local-stack.ts';
import type { LocalStack } from '../../src/stack/local-stack.ts';
import { emptyFolder, keptFolder, processesNaming } from './helpers.ts';

let directory: string;

beforeEach(async () => {
  directory = await keptFolder(await emptyFolder());
  vi.stubEnv('TEMPORAL_ADDRESS', '');
  vi.stubEnv('TEMPORAL_CONFIG_FILE', '/nowhere');
  onTestFinished(() => void vi.unstubAllEnvs());
});

test('workflows, channels and ports are there again after a restart', async () => {
  const first = await startKept();
  const channel = await createChannel(first);
  await withClient(first, (client) => client.workflow.start('any', { taskQueue: 'q', workflowId: 'kept' }));
  await first.stop();
  expect(await readDevFile(directory)).toBeUndefined();
  expect(await readdir(directory)).not.toContain('lock');

  const second = await startKept();
  expect(second.env).toEqual(first.env);
  expect((await chime(second).send(describe(second, channel))).Channel?.Name).toBe('kept');
  const status = await withClient(
    second,
    async (client) => (await client.workflow.getHandle('kept').describe()).status,
  );
  expect(status.name).toBe('RUNNING');
  await second.stop();
});

test('a second stack in the same folder is refused with what runs there; a dead one does not count', async () => {
  const dead = { pid: 2 ** 22 + 1, startedAt: new Date().toISOString() };
  await writeFile(join(directory, 'lock'), JSON.stringify(dead));
  const stack = await startKept();

  const dev = await readDevFile(directory);
  expect(dev).toMatchObject({ pid: process.pid, temporal: stack.temporal.address, users: stack.users, env: stack.env });
  const refusal: unknown = await startKept().catch((reason: unknown) => reason);
  expect(refusal).toBeInstanceOf(AlreadyRunningError);
  expect((refusal as Error).message).toContain(`pid ${process.pid}, Temporal ${stack.temporal.address}, web UI`);
  expect(await readDevFile(directory)).toEqual(dev);

  await writeFile(join(directory, 'dev.json'), JSON.stringify({ ...dev, pid: dead.pid }));
  expect(await readDevFile(directory)).toBeUndefined();
  await stack.stop();
});

test('a start that fails half way says why, takes down what ran and gives the folder free', async () => {
  const state = join(directory, 'emulator.json');
  await writeFile(state, '{ "appInstances": 7 }');
  await expect(startKept()).rejects.toThrow(/the Chime emulator did not start: .*appInstances/s);
  expect(await processesNaming(directory)).toEqual([]);
  await rm(state);
  await (await startKept()).stop();
});

async function startKept(): Promise<LocalStack> {
  const stack = await startLocalStack({ mode: 'kept', directory, log: console.log });
  onTestFinished(stack.stop);
  return stack;
}

async function withClient<T>(stack: LocalStack, use: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address: stack.temporal.address });
  try {
    return await use(new Client({ connection, namespace: stack.temporal.namespace }));
  } finally {
    await connection.close();
  }
}

function chime(stack: LocalStack): ChimeSDKMessagingClient {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  return new ChimeSDKMessagingClient({ endpoint: stack.emulator.url, region: 'us-east-1', credentials });
}

async function createChannel(stack: LocalStack): Promise<string> {
  const { ChannelArn = '' } = await chime(stack).send(
    new CreateChannelCommand({
      AppInstanceArn: stack.appInstanceArn,
      Name: 'kept',
      ClientRequestToken: 'token',
      ChimeBearer: stack.users['ada'],
    }),
  );
  return ChannelArn;
}

function describe(stack: LocalStack, channel: string): DescribeChannelCommand {
  return new DescribeChannelCommand({ ChannelArn: channel, ChimeBearer: stack.users['ada'] });
}
