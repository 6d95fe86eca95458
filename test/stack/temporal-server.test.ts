import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { Client, Connection } from '@temporalio/client';
import { SearchAttributeType, defineSearchAttributeKey } from '@temporalio/common';
import { afterEach, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { findTemporalServer } from '../../src/stack/find-server.ts';
import { startTemporalServer } from '../../src/stack/temporal-server.ts';
import { SOON, accepts, emptyFolder, fakeCommand, processesNaming } from './helpers.ts';

let executable: string;
let temporary: string;

beforeAll(async () => {
  const env = { ...process.env, TEMPORAL_ADDRESS: '', TEMPORAL_CONFIG_FILE: '/nowhere' };
  const found = await findTemporalServer({ env, progress: console.log });
  if (found.kind === 'executable') executable = found.path;
}, 900_000);

beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'stack-test-'));
  vi.stubEnv('TMPDIR', temporary);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(temporary, { recursive: true, force: true });
});

test('a started server takes workflows with search attributes, listens on loopback only and leaves nothing', async () => {
  const searchAttributes = {
    AdmissionState: 'KEYWORD',
    AdmissionApprovers: 'KEYWORD_LIST',
    AdmissionDue: 'DATETIME',
  } as const;
  const server = await startTemporalServer({ executable, searchAttributes, namespace: 'tried' });
  onTestFinished(server.stop);
  const connection = await Connection.connect({ address: server.address });
  const client = new Client({ connection, namespace: server.namespace });
  await client.workflow.start('any', {
    taskQueue: 'q',
    workflowId: 'w',
    typedSearchAttributes: [
      { key: defineSearchAttributeKey('AdmissionState', SearchAttributeType.KEYWORD), value: 'waiting' },
      { key: defineSearchAttributeKey('AdmissionDue', SearchAttributeType.DATETIME), value: new Date() },
    ],
  });
  await expect.poll(async () => (await client.workflow.count("AdmissionState = 'waiting'")).count, SOON).toBe(1);
  await connection.close();
  expect((await fetch(server.uiUrl)).status).toBe(200);

  for (const host of otherAddresses()) {
    expect(await accepts(server.address, host)).toBe(false);
    expect(await accepts(server.uiUrl, host)).toBe(false);
  }

  expect(await processesNaming(temporary)).not.toEqual([]);
  await server.stop();
  expect(await processesNaming(temporary)).toEqual([]);
  expect(await readdir(temporary)).toEqual([]);
  expect(await accepts(server.address)).toBe(false);
});

test('a port in use is named', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void other.close());
  await expect.poll(() => other.address()).not.toBeNull();
  const { port } = other.address() as { port: number };
  await expect(startTemporalServer({ executable, uiPort: port })).rejects.toThrow(
    `port ${port} on 127.0.0.1 is already in use`,
  );
});

test('a server that dies while it starts shows its last lines and leaves nothing', async () => {
  const broken = await fakeCommand(join(await emptyFolder(), 'temporal'), 'echo "no space left" >&2; exit 3');
  await expect(startTemporalServer({ executable: broken })).rejects.toThrow(/exit code 3\)\n {2}no space left$/);
  expect((await readdir(temporary)).filter((name) => !name.startsWith('stack-test-'))).toEqual([]);
});

test('an unknown search attribute type is refused and leaves nothing', async () => {
  const searchAttributes = { AdmissionState: 'Keyword' as 'KEYWORD' };
  await expect(startTemporalServer({ executable, searchAttributes })).rejects.toThrow(/search attribute type/i);
  expect(await readdir(temporary)).toEqual([]);
});

test('an abort while a server is starting stops it', async () => {
  const silent = await fakeCommand(join(await emptyFolder(), 'temporal'), 'exec sleep 600');
  const controller = new AbortController();
  const failed = startTemporalServer({ executable: silent, signal: controller.signal }).catch(
    (reason: unknown) => reason,
  );
  await expect.poll(async () => await processesNaming(temporary), SOON).not.toEqual([]);
  controller.abort(new Error('Ctrl-C'));
  expect(await failed).toEqual(new Error('Ctrl-C'));
  expect(await processesNaming(temporary)).toEqual([]);
});

/** Addresses of this machine that are not loopback. */
function otherAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  return all.filter(({ internal, family }) => !internal && family === 'IPv4').map(({ address }) => address);
}
