import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { startLocalStack } from '../../src/stack/local-stack.ts';
import { SOON, accepts, emptyFolder, keptFolder, processesNaming } from './helpers.ts';

const APP_INSTANCE = 'arn:aws:chime:us-east-1:111122223333:app-instance/11111111-2222-4333-8444-555555555555';

let temporary: string;

beforeEach(async () => {
  temporary = await emptyFolder();
  vi.stubEnv('TMPDIR', temporary);
  vi.stubEnv('TEMPORAL_ADDRESS', '');
  vi.stubEnv('TEMPORAL_CONFIG_FILE', '/nowhere');
  onTestFinished(() => void vi.unstubAllEnvs());
});

test('a temporary stack runs, says how to use it, and leaves nothing, however often it is stopped', async () => {
  const stack = await startLocalStack({ mode: 'temporary', log: console.log });
  onTestFinished(stack.stop);
  expect(stack.users['alice']).toBe(`${APP_INSTANCE}/user/alice`);
  expect(stack.serviceBearer).toBe(`${APP_INSTANCE}/bot/admission-bot`);
  expect(stack.env).toMatchObject({
    TEMPORAL_ADDRESS: stack.temporal.address,
    AWS_ENDPOINT_URL_CHIME_SDK_MESSAGING: stack.emulator.url,
    ADMISSION_BEARERS: stack.serviceBearer,
    ADMISSION_UI_URL: stack.temporal.uiUrl,
  });
  expect(await accepts(stack.temporal.address)).toBe(true);
  expect((await fetch(`${stack.emulator.url}/_emulator/state`)).status).toBe(200);

  await Promise.all([stack.stop(), stack.stop()]);
  await stack.stop();
  await expectNothingLeft({ temporal: stack.temporal.address, emulator: stack.emulator.url });
});

test('a server given by address is used and not stopped', async () => {
  vi.stubEnv('TEMPORAL_ADDRESS', '127.0.0.1:1');
  const stack = await startLocalStack({ mode: 'temporary', log: console.log });
  onTestFinished(stack.stop);
  expect(stack.temporal).toEqual({ address: '127.0.0.1:1', namespace: 'default', uiUrl: undefined });
  expect(stack.env).not.toHaveProperty('ADMISSION_UI_URL');
  await stack.stop();
});

test('a stack that is aborted half way is taken down', async () => {
  const controller = new AbortController();
  const failed = startLocalStack({ mode: 'temporary', log: console.log, signal: controller.signal }).catch(
    (reason: unknown) => reason,
  );
  await expect.poll(async () => await processesNaming(temporary), SOON).not.toEqual([]);
  controller.abort(new Error('Ctrl-C'));
  expect(await failed).toEqual(new Error('Ctrl-C'));
  expect(await processesNaming(temporary)).toEqual([]);
  expect(await readdir(temporary)).toEqual([]);
});

test('Ctrl-C in a terminal takes everything down in order: the emulator lives until its state is saved', async () => {
  const directory = await keptFolder(temporary);
  const { program, places } = await startProgram('kept', directory);
  // A terminal sends it to the whole foreground group.
  process.kill(-program.pid!, 'SIGINT');
  expect(await once(program, 'exit')).toEqual([0, null]);
  await expectNothingLeft(places, ['.admission']);
  const kept = await readdir(directory);
  expect(kept).toContain('emulator.json');
  expect(kept).not.toContain('lock');
});

test('Ctrl-C while the stack is starting leaves nothing', async () => {
  const program = spawnProgram();
  await expect.poll(async () => await processesNaming(join(temporary, 'channel-admission-')), SOON).not.toEqual([]);
  process.kill(-program.pid!, 'SIGINT');
  expect(await once(program, 'exit')).toEqual([1, null]);
  expect(await processesNaming(temporary)).toEqual([]);
  expect(await readdir(temporary)).toEqual([]);
});

test('nothing stays when the program is killed with SIGKILL', async () => {
  const { program, places } = await startProgram();
  program.kill('SIGKILL');
  await expect.poll(async () => await readdir(temporary), SOON).toEqual([]);
  await expect.poll(async () => await accepts(places.emulator), SOON).toBe(false);
  await expect.poll(async () => await processesNaming(temporary), SOON).toEqual([]);
  await expectNothingLeft(places);
});

test('after a SIGKILL a kept stack comes back at once, at the same place', async () => {
  const directory = await keptFolder(temporary);
  const { program, places } = await startProgram('kept', directory);
  program.kill('SIGKILL');
  await once(program, 'exit');
  const again = await startProgram('kept', directory);
  expect(again.places).toEqual(places);
  again.program.kill('SIGINT');
  expect(await once(again.program, 'exit')).toEqual([0, null]);
});

interface Places {
  temporal: string;
  emulator: string;
}

function spawnProgram(...args: string[]): ChildProcess {
  const script = fileURLToPath(new URL('hold-stack.ts', import.meta.url));
  const program = spawn(process.execPath, [script, ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  onTestFinished(() => void program.kill('SIGKILL'));
  return program;
}

async function startProgram(...args: string[]): Promise<{ program: ChildProcess; places: Places }> {
  const program = spawnProgram(...args);
  const [line] = (await once(createInterface({ input: program.stdout! }), 'line')) as [string];
  const places = JSON.parse(line) as Places;
  expect(await accepts(places.temporal)).toBe(true);
  return { program, places };
}

async function expectNothingLeft({ temporal, emulator }: Places, folders: string[] = []): Promise<void> {
  expect(await accepts(temporal)).toBe(false);
  expect(await accepts(emulator)).toBe(false);
  expect(await processesNaming(temporary)).toEqual([]);
  expect(await readdir(temporary)).toEqual(folders);
}
