import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { expect, test, vi } from 'vitest';
import { createProgram, runCli } from '../../src/cli/program.ts';
import { ACCEPTED, readConfig } from '../../src/config.ts';
import { createKeyPair } from '../../src/identity/signer.ts';
import { embeddedPolicySet } from '../../src/policies/policy-set.ts';
import { configuredFlows, configuredNotifications, configuredPolicySet } from '../../src/worker-start.ts';
import { admitProcess } from '../support/admit.ts';
import { BOT, CHANNEL, HOME, inUrl, LEAK, MEANT, PEM, PRIVATE, secret, USER, written } from './planted-secrets.ts';
import type { Files } from './planted-secrets.ts';

const ABOUT = ['--channel', CHANNEL, '--member', USER];
const AS = ['--as', USER];
const WHY = ['--reason', 'so'];

/** How each command is called; those that read files are given ones that have secrets in them. */
const CALLS: Record<string, (files: Files) => readonly string[]> = {
  join: () => [...ABOUT, ...AS],
  amend: () => ['ID', '--reason', 'so', ...AS],
  input: () => ['ID', '--answers', '{}', ...AS],
  withdraw: () => ['ID', ...AS],
  extend: () => ['ID', '--by', '1d', ...AS],
  show: () => ['ID'],
  plan: ({ good }) => [...ABOUT, '--set', good],
  list: () => ['--mine', ...AS],
  review: () => ['ID', '--approve', ...AS],
  revoke: () => ['ID', ...WHY, ...AS],
  'incident list': () => [],
  'incident retry': () => ['ID', ...WHY, ...AS],
  'incident abandon': () => ['ID', ...WHY, ...AS],
  override: () => ['ID', ...WHY, '--ticket', 'T-1', ...AS],
  reassign: () => ['ID', '--binding', 'x', '--to-user', USER, ...WHY, ...AS],
  reevaluate: () => ['ID', '--changed', 'facts'],
  'onboard start': ({ brokenFlow }) => ['--file', brokenFlow, '--member', USER, ...AS],
  'onboard show': () => ['ID'],
  'onboard list': () => [],
  'onboard pause': () => ['ID', ...WHY, ...AS],
  'onboard resume': () => ['ID', ...WHY, ...AS],
  'onboard cancel': () => ['ID', ...WHY, ...AS],
  'onboard skip': () => ['ID', '--step', 'x', ...WHY, ...AS],
  'onboard retry': () => ['ID', '--step', 'x', ...WHY, ...AS],
  'onboard input': () => ['ID', 'x', '--answers', '{}', ...AS],
  'onboard review': () => ['ID', 'x', '--approve', ...AS],
  'onboard lint': ({ brokenFlow }) => [brokenFlow],
  'onboard flows': () => [],
  'policies new': () => ['No name'],
  'policies lint': ({ policies }) => [policies],
  'policies test': ({ fixture }) => [fixture],
  'policies simulate': ({ good, facts }) => [...ABOUT, '--set', good, '--facts', facts, '--ask-external'],
  'policies explain': () => ['ID'],
  'policies backtest': ({ policies }) => ['--since', '1d', '--set', policies],
  'keys new': ({ brokenKey, jwks }) => ['--out', brokenKey, '--jwks', jwks],
  'keys list': ({ jwks }) => ['--jwks', jwks],
  'keys revoke': ({ brokenKey }) => ['kid', '--jwks', brokenKey],
  setup: () => [],
  doctor: () => [],
};

/** These start other processes, or the native part of a worker: they run as processes of their own, below. */
const PROCESSES = ['worker', 'dev', 'emulator'];
/** It takes nothing of a user but the place of its own cache. */
const NOTHING_TO_TELL = ['demo'];

function leaves(command: Command, above: readonly string[] = []): string[] {
  return command.commands.flatMap((one) => {
    const names = [...above, one.name()];
    return one.commands.length > 0 ? leaves(one, names) : [names.join(' ')];
  });
}

test('every command has a row', () => {
  const known = [...Object.keys(CALLS), ...PROCESSES, ...NOTHING_TO_TELL];
  expect(leaves(createProgram(false)).toSorted()).toEqual(known.toSorted());
});

/** All that commands print, given at once: each is a program of its own in this process. */
async function printed(files: Files, env: Record<string, string>, names = Object.keys(CALLS)): Promise<string> {
  let said = '';
  const write = (text: string | Uint8Array) => (said += String(text)) !== '';
  const spies = [];
  for (const name of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    spies.push(vi.spyOn(console, name).mockImplementation((...all) => void write(all.join(' '))));
  }
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  try {
    const runs = names.flatMap((name) =>
      [false, true].map(async (json) => {
        const args = [...name.split(' '), ...(CALLS[name]?.(files) ?? []), ...(json ? ['--json'] : [])];
        await runCli(args, { env: process.env, stdout: { write }, stderr: { write } });
      }),
    );
    await Promise.all(runs);
  } finally {
    vi.unstubAllEnvs();
    for (const spy of spies) spy.mockRestore();
  }
  return said;
}

const leaked = (text: string) => [...new Set(text.match(LEAK))];

test('with secrets in every variable and file, no command prints one of them', async () => {
  const { files } = await written();
  const { privateKey } = await createKeyPair(USER);
  const key = join(files.jwks, '..', 'key.json');
  await writeFile(key, JSON.stringify(privateKey), { mode: 0o600 });
  const places = {
    ADMISSION_ASSERTION_KEYS: files.jwks,
    ADMISSION_SIGNING_KEY: key,
    ADMISSION_FLOWS: files.brokenFlow,
  };
  const more = { ADMISSION_POLICIES: files.policies, ADMISSION_NOTIFICATIONS: files.notifications };
  const said = await printed(files, { ...MEANT, ...places, ...more });
  expect(leaked(said)).toEqual([]);
  expect(said).not.toContain(privateKey.d);
  expect(said).toContain('the environment variable that `secretEnv` names has no secret');
  // It was no wrong call that kept them from saying anything.
  expect(said).not.toMatch(/unknown option|missing required|too many arguments/);
  expect(said.match(/No Temporal server answers/g)?.length).toBeGreaterThan(30);
});

test('nor does a worker that refuses its files', async () => {
  const { files } = await written();
  const config = readConfig({
    ADMISSION_POLICIES: files.policies,
    ADMISSION_NOTIFICATIONS: files.notifications,
    ADMISSION_FLOWS: files.brokenFlow,
  });
  if (!config.ok) throw new Error(JSON.stringify(config.issues));
  const tries = [
    configuredPolicySet(config.value),
    configuredNotifications(config.value),
    configuredFlows(config.value, embeddedPolicySet()),
  ];
  const refused = await Promise.all(tries.map((one) => one.then(() => 'taken', String)));
  expect(leaked(refused.join('\n'))).toEqual([]);
  expect(refused.map((text) => text.split(':')[0])).toEqual(['StartError', 'StartError', 'StartError']);
  expect(refused[1]).toContain('params.secretEnv: the environment variable that `secretEnv` names has no secret');
  expect(refused[1]).toContain('params.passwordEnv: the environment variable that `passwordEnv` names has no secret');
});

const WRONG: readonly ((name: string) => string)[] = [
  secret,
  inUrl,
  PRIVATE,
  PEM,
  (name) => `user:${secret(name)}@host:1`,
];

test.each(Object.keys(ACCEPTED))('a secret in the wrong variable is told by its kind: %s', (name) => {
  const told = WRONG.map((wrong) => readConfig({ [name]: wrong(name) })).filter(({ ok }) => !ok);
  expect(leaked(JSON.stringify(told))).toEqual([]);
});

test.each([
  ['the content of a key', { ADMISSION_SIGNING_KEY: PRIVATE('signing key') }],
  ['a bearer', { ADMISSION_BEARERS: secret('bearers') }],
  ['a profile', { TEMPORAL_PROFILE: secret('profile') }],
  ['a switch of TLS', { TEMPORAL_TLS: secret('tls') }],
])('every command refuses %s without a word of it', async (_, env) => {
  const { files } = await written();
  expect(leaked(await printed(files, { ...MEANT, ...env }))).toEqual([]);
});

test('files of keys and profiles that are broken are not quoted, nor proxies and endpoints', async () => {
  const { files } = await written();
  const commands = ['list', 'doctor', 'plan', 'keys list', 'policies simulate'];
  const broken = [
    { ADMISSION_SIGNING_KEY: files.brokenKey },
    { ADMISSION_SIGNING_KEY: files.pem },
    { TEMPORAL_CONFIG_FILE: files.toml },
    { TEMPORAL_CONFIG_FILE: files.brokenKey },
    // By way of the proxy, and to the endpoint of AWS.
    { TEMPORAL_ADDRESS: '127.0.0.1:1', TEMPORAL_TLS_CLIENT_KEY_DATA: '', TEMPORAL_TLS_CLIENT_CERT_DATA: '' },
    { TEMPORAL_ADDRESS: '127.0.0.1:1' },
  ];
  for (const env of broken) expect(leaked(await printed(files, { ...MEANT, ...env }, commands))).toEqual([]);
});

test('neither a worker nor another process says one, nor a command in a folder whose stack has one', async () => {
  const { files, folder } = await written();
  const clean = Object.fromEntries(Object.keys(MEANT).map((name) => [name, undefined]));
  await mkdir(join(folder, '.admission'), { mode: 0o700 });
  const stack = {
    pid: process.pid,
    startedAt: new Date().toISOString(),
    temporal: `user:${secret('dev address')}@127.0.0.1:1`,
    namespace: 'default',
    taskQueue: 'channel-admission',
    emulator: 'http://127.0.0.1:1',
    appInstanceArn: HOME,
    serviceBearer: BOT,
    users: {},
    env: { TEMPORAL_ADDRESS: `user:${secret('dev address')}@127.0.0.1:1`, TEMPORAL_NAMESPACE: 'default' },
  };
  await writeFile(join(folder, '.admission/dev.json'), JSON.stringify(stack), { mode: 0o600 });
  const bad = { ADMISSION_SIGNING_KEY: PRIVATE('signing key'), ADMISSION_LOG_LEVEL: secret('log level') };
  const ran = await Promise.all([
    admitProcess(['worker'], { env: MEANT, cwd: folder }),
    admitProcess(['worker'], { env: { ...MEANT, ...bad }, cwd: folder }),
    admitProcess(['list'], { env: clean, cwd: folder }),
    admitProcess(['emulator', '--port', 'x', '--seed', files.brokenKey], { env: MEANT, cwd: folder }),
    admitProcess(['dev'], { env: { ...MEANT, TEMPORAL_ADDRESS: undefined }, cwd: join(folder, '.admission') }),
  ]);
  expect(leaked(ran.map(({ stdout, stderr }) => stdout + stderr).join(''))).toEqual([]);
  expect(ran.map(({ code }) => code)).not.toContain(0);
  expect(ran[2]?.stderr).toContain('the stack of .admission/dev.json');
});
