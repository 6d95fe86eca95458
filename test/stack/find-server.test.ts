import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { Environment } from '../../src/stack/child-process.ts';
import { findTemporalServer, NoServerError } from '../../src/stack/find-server.ts';
import { SOON, emptyFolder, fakeCommand, printsVersion, processesNaming } from './helpers.ts';

let bin: string;
let cache: string;
let env: Environment;
let said: string[];

const progress = (line: string): void => void said.push(line);
const find = async (signal?: AbortSignal): ReturnType<typeof findTemporalServer> =>
  await findTemporalServer({ env, progress, ...(signal && { signal }) });

beforeEach(async () => {
  const folder = await emptyFolder();
  bin = join(folder, 'bin');
  cache = join(folder, 'cache');
  await mkdir(bin);
  await mkdir(cache);
  said = [];
  env = {
    PATH: bin,
    HOME: folder,
    ADMISSION_CACHE: cache,
    TEMPORAL_CONFIG_FILE: join(folder, 'temporal.toml'),
    // Nobody listens there: the official download fails at once, with or without internet.
    HTTPS_PROXY: 'http://127.0.0.1:9',
  };
});

test('a configured server comes before every executable', async () => {
  await fakeCommand(join(bin, 'temporal'), printsVersion('1.5.1', '1.29.1'));
  env['TEMPORAL_ADDRESS'] = '127.0.0.1:7777';
  expect(await find()).toEqual({ kind: 'address', address: '127.0.0.1:7777', namespace: 'default' });
});

test('a profile that names an address is a configured server', async () => {
  await writeFile(
    env['TEMPORAL_CONFIG_FILE'] ?? '',
    '[profile.work]\naddress = "temporal.example:7233"\nnamespace = "n"\n',
  );
  await fakeCommand(join(bin, 'temporal'), printsVersion('1.5.1', '1.29.1'));
  expect(await find()).toMatchObject({ kind: 'executable' });
  env['TEMPORAL_PROFILE'] = 'work';
  expect(await find()).toEqual({ kind: 'address', address: 'temporal.example:7233', namespace: 'n' });
});

test('temporal on PATH comes before the cache', async () => {
  const path = await fakeCommand(join(bin, 'temporal'), printsVersion('1.6.0', '1.30.2'));
  await fakeCommand(join(cache, 'temporal-cli-1.5.1'), printsVersion('1.5.1', '1.29.1'));
  expect(await find()).toEqual({ kind: 'executable', path, version: '1.30.2', source: 'PATH' });
});

test.each([
  ['too old', printsVersion('1.4.9', '1.28.1'), 'is too old: its server is 1.28.1'],
  ['broken', 'echo "no such library" >&2; exit 127', 'does not run'],
  ['something else', 'echo "hello 1.5.1"', 'does not name a Temporal server'],
])(
  'a temporal on PATH that is %s is reported, and the newest one of the cache is used',
  async (_what, body, reason) => {
    await fakeCommand(join(bin, 'temporal'), body);
    await fakeCommand(join(cache, 'temporal-cli-1.5.1'), printsVersion('1.5.1', '1.29.1'));
    const newest = await fakeCommand(join(cache, 'temporal-cli-1.10.0'), printsVersion('1.10.0', '1.34.0'));
    expect(await find()).toEqual({ kind: 'executable', path: newest, version: '1.34.0', source: 'cache' });
    expect(said).toEqual([expect.stringContaining(reason)]);
  },
);

test('Go builds into the cache after the download failed, two processes at once, and the next search finds it there', async () => {
  const built = printsVersion('0.0.0-DEV', '1.29.1');
  await fakeCommand(
    join(bin, 'go'),
    `echo "$@" >> ${cache}/calls; printf '%s\\n' '#!/bin/sh' '${built}' > "$GOBIN/temporal"; chmod 755 "$GOBIN/temporal"`,
  );
  const path = join(cache, 'temporal-cli-1.5.1');
  const expected = { kind: 'executable', path, version: '1.29.1' };
  for (const found of await Promise.all([find(), find()])) expect(found).toEqual({ ...expected, source: 'go install' });
  expect(said).toContainEqual(expect.stringContaining('usually 4 to 6 minutes'));
  expect(await find()).toEqual({ ...expected, source: 'cache' });
  expect((await readdir(cache)).toSorted()).toEqual(['calls', 'temporal-cli-1.5.1']);
  expect(await readFile(join(cache, 'calls'), 'utf8')).toMatch(/^(install .*\/temporal@v1\.5\.1\n){2}$/);
});

test('an abort ends the Go build with all its processes and leaves nothing half-made', async () => {
  await fakeCommand(
    join(bin, 'go'),
    `trap '' TERM; sh -c 'sleep 600; : ${cache}' & touch "$GOTMPDIR/work" ${cache}/building; wait`,
  );
  const controller = new AbortController();
  const failed = find(controller.signal).catch((reason: unknown) => reason);
  await expect.poll(async () => await readdir(cache), SOON).toContain('building');
  controller.abort(new Error('Ctrl-C'));
  expect(await failed).toEqual(new Error('Ctrl-C'));
  expect(await readdir(cache)).toEqual(['building']);
  expect(await processesNaming(cache)).toEqual([]);
});

test('with nothing to be had the error says what was tried and what would help', async () => {
  await fakeCommand(join(bin, 'go'), 'echo "go: no route to any proxy" >&2; exit 1');
  const error: unknown = await find().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(NoServerError);
  expect((error as NoServerError).failed).toEqual([
    { source: 'PATH', reason: 'there is none' },
    { source: 'cache', reason: 'there is none' },
    { source: 'download', reason: expect.stringContaining('connect error') },
    { source: 'go install', reason: expect.stringContaining('go: no route to any proxy') },
  ]);
  expect((error as NoServerError).message).toMatch(/set TEMPORAL_ADDRESS.*install the Temporal CLI.*install Go/s);
  expect(await readdir(cache)).toEqual([]);
});
