import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MODULES = join(ROOT, 'node_modules');
const FOLDERS = ['src', 'emulator', 'scripts', 'docs'];
const FILES = [
  'worker.ts',
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'README.md',
  'LICENSE',
  'CHANGELOG.md',
];

let folder: string;
let copy: string;
let user: string;
const run = async (command: string, args: readonly string[], cwd = user) => {
  // npm scripts bring Node 24 by themselves; here it is the one that runs the tests.
  const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env['PATH']}` };
  return (await promisify(execFile)(command, args, { cwd, env, maxBuffer: 2 ** 24 })).stdout;
};
const node = (...args: readonly string[]) => run(process.execPath, args);
const admit = (...args: readonly string[]) => node('node_modules/.bin/admit', ...args);

/** Packs a copy of this project as `npm pack` does, and unpacks it into a folder of a user. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'published-'));
  copy = join(folder, 'copy');
  const installed = join(folder, 'user/node_modules/channel-admission');
  user = join(folder, 'user');
  await mkdir(installed, { recursive: true });
  for (const name of [...FOLDERS, ...FILES]) await cp(join(ROOT, name), join(copy, name), { recursive: true });
  await symlink(MODULES, join(copy, 'node_modules'));
  const tarball = (await run('npm', ['pack', '--silent', '--pack-destination', folder], copy))
    .trim()
    .split('\n')
    .at(-1);
  await run('tar', ['xzf', join(folder, tarball ?? ''), '--strip-components=1', '-C', installed]);
  // Its dependencies are those that are installed here already; npm would fetch the same.
  for (const name of await readdir(MODULES)) {
    if (!name.startsWith('.'))
      await symlink(join(MODULES, name), join(user, 'node_modules', name)).catch(() => undefined);
  }
  await writeFile(join(user, 'package.json'), '{ "name": "user", "type": "module" }');
  const { bin } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as { bin: { admit: string } };
  await mkdir(join(user, 'node_modules/.bin'));
  await symlink(join(installed, bin.admit), join(user, 'node_modules/.bin/admit'));
}, 240_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

test('holds what runs, what is read and what is to be read, and no sources', async () => {
  const names = await readdir(join(user, 'node_modules/channel-admission'), { recursive: true });
  expect(names).toEqual(
    expect.arrayContaining([
      'README.md',
      'LICENSE',
      'CHANGELOG.md',
      'docs/architecture.md',
      'dist/workflow-bundle.js',
      'dist/worker.js',
      'dist/emulator/seeds/dev.json',
      'dist/src/workflows/index.js',
    ]),
  );
  expect(names.filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))).toEqual([]);
});

test('packing leaves package.json as it was', async () => {
  const texts = [copy, ROOT].map((path) => readFile(join(path, 'package.json'), 'utf8'));
  const [after, before] = await Promise.all(texts);
  expect(after).toBe(before);
  expect(await readdir(copy)).not.toContain('package.json.orig');
});

test('its command runs where it is installed: version, help, emulator', async () => {
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  expect(await admit('--version')).toBe(`${version}\n`);
  expect(await admit('--help')).toContain('policies');
  const emulator = `const child = require('node:child_process').spawn(process.execPath, ['node_modules/.bin/admit', 'emulator', '--json']);
    child.stdout.once('data', (data) => { console.log(String(data)); child.kill(); });`;
  expect(JSON.parse(await node('--input-type=commonjs', '-e', emulator))).toMatchObject({
    url: expect.any(String) as string,
  });
});

test('a policy is begun, tested and checked', async () => {
  await admit('policies', 'new', 'mine');
  expect(JSON.parse(await admit('policies', 'test', '--json'))).toMatchObject({ ok: true });
  await writeFile(
    join(user, 'admission.yaml'),
    'apiVersion: admission/v1\nbindings: [{ name: p, use: privacy }, { name: mine, use: ./policies/mine.ts }]\n',
  );
  expect(JSON.parse(await admit('policies', 'lint', '--json'))).toMatchObject({ ok: true, issues: [], warnings: [] });
});

test('what it exports has types and works, for ES modules and CommonJS', async () => {
  const typed = `import { allow, definePolicy, z } from 'channel-admission/policy';
import type { FactProvider, Policy, VerdictInput } from 'channel-admission/policy';
import { assertPolicyConformance } from 'channel-admission/testing';
import { defineChannel } from 'channel-admission/channel';
import { createReplayGuard } from 'channel-admission/webhook';
import type { WebhookBody, WebhookHeaders } from 'channel-admission/webhook';
const came: Partial<WebhookBody & WebhookHeaders> = { id: 'd', 'webhook-id': 'd' };
if (!createReplayGuard().take(came.id ?? '') || !defineChannel) throw new Error('not as it should be');
const score: FactProvider<number> = { source: 'here', ttlMs: 0, read: () => 1 };
const policy: Policy = definePolicy({
  id: 'typed', version: '1.0.0', title: 'Typed', kind: 'pure', provides: { score },
  params: z.object({ least: z.number() }), facts: ['channel'],
  evaluate(request, { params, facts }): VerdictInput {
    const fine: [number, 'PUBLIC' | 'PRIVATE', number, string] = [params.least, facts.channel.privacy, facts.score, request.memberArn];
    // @ts-expect-error: it was not asked for
    void facts['requester.role'];
    return fine.length > 0 ? allow() : allow();
  },
});
await assertPolicyConformance(policy, [{ params: { least: 1 }, facts: { score: 1 } }]);
`;
  await writeFile(join(user, 'typed.ts'), typed);
  const compilerOptions = { target: 'es2024', module: 'nodenext', strict: true, noEmit: true, types: ['node'] };
  await writeFile(join(user, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['typed.ts'] }));
  await node('node_modules/typescript/bin/tsc', '-p', '.');
  await node('typed.ts');
  await writeFile(join(user, 'common.cjs'), "console.log(typeof require('channel-admission/policy').definePolicy);\n");
  expect(await node('common.cjs')).toBe('function\n');
});
