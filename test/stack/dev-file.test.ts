import { chmod, chown, lstat, mkdir, readdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { currentEnvironment } from '../../src/cli/dev-stack.ts';
import { withIo } from '../../src/cli/output.ts';
import type { Environment } from '../../src/config.ts';
import { readDevFile, writeDevFile, lockFolder, type DevFile } from '../../src/stack/dev-folder.ts';
import { emptyFolder } from './helpers.ts';

const DEV: DevFile = {
  pid: process.pid,
  startedAt: new Date().toISOString(),
  temporal: '127.0.0.1:7233',
  namespace: 'default',
  taskQueue: 'dev-queue',
  emulator: 'http://127.0.0.1:8234',
  appInstanceArn: 'arn',
  serviceBearer: 'bearer',
  users: {},
  env: { TEMPORAL_ADDRESS: '127.0.0.1:7233', ADMISSION_TRUST_CLIENTS: 'true', ADMISSION_BEARERS: 'bearer' },
};

const modeOf = async (path: string) => ((await lstat(path)).mode & 0o777).toString(8);

let folder = '';
let directory = '';
beforeEach(async () => {
  folder = await emptyFolder();
  directory = join(folder, '.admission');
});

describe('the folder of a stack', () => {
  test('is for its owner alone, with all that is in it, also where it was wide open', async () => {
    await mkdir(directory, { mode: 0o777 });
    await chmod(directory, 0o777);
    await writeFile(join(directory, 'temporal.db'), 'old', { mode: 0o666 });
    const unlock = await lockFolder(directory);
    await writeDevFile(directory, DEV);
    expect(await modeOf(directory)).toBe('700');
    const files = await readdir(directory);
    expect(files.toSorted()).toEqual(['dev.json', 'lock', 'temporal.db']);
    expect(await Promise.all(files.map((name) => modeOf(join(directory, name))))).toEqual(['600', '600', '600']);
    await unlock();
  });

  test.each(['the folder', 'a file in it'])('is refused where %s is a link', async (which) => {
    const elsewhere = join(folder, 'elsewhere');
    await mkdir(elsewhere);
    if (which === 'the folder') await symlink(elsewhere, directory);
    else {
      await mkdir(directory);
      await symlink(join(elsewhere, 'ports.json'), join(directory, 'ports.json'));
    }
    await expect(lockFolder(directory)).rejects.toThrow(/is not used: it is .*link/);
    expect(await readdir(elsewhere)).toEqual([]);
  });

  test.runIf(process.getuid?.() === 0)('is refused where it belongs to somebody else', async () => {
    await mkdir(directory);
    await chown(directory, 12_345, 12_345);
    await expect(lockFolder(directory)).rejects.toThrow('belongs to another user');
  });
});

describe('dev.json says nothing where others could have written it', () => {
  beforeEach(async () => {
    await mkdir(directory, { mode: 0o700 });
    await writeDevFile(directory, DEV);
  });

  test.each<[string, () => Promise<void>]>([
    ['a file that others may write', () => chmod(join(directory, 'dev.json'), 0o622)],
    ['a folder that others may write', () => chmod(directory, 0o777)],
    [
      'a link to a file',
      async () => {
        await rename(join(directory, 'dev.json'), join(folder, 'real.json'));
        await symlink(join(folder, 'real.json'), join(directory, 'dev.json'));
      },
    ],
  ])('%s', async (_, plant) => {
    expect(await readDevFile(directory)).toEqual(DEV);
    await plant();
    const refused = vi.fn<(why: string) => void>();
    expect(await readDevFile(directory, refused)).toBeUndefined();
    expect(refused).toHaveBeenCalledOnce();
  });

  test('no variable is taken from it that a stack does not set', async () => {
    await writeFile(
      join(directory, 'dev.json'),
      JSON.stringify({ ...DEV, env: { ...DEV.env, NODE_OPTIONS: '--require x' } }),
    );
    expect(await readDevFile(directory)).toBeUndefined();
  });
});

describe('the environment of a command', () => {
  const said: string[] = [];
  const among = async (dev: Partial<DevFile>, env: Record<string, string>) => {
    await mkdir(directory, { mode: 0o700, recursive: true });
    await writeDevFile(directory, { ...DEV, ...dev });
    const before = process.cwd();
    onTestFinished(() => process.chdir(before));
    process.chdir(folder);
    said.length = 0;
    const stderr = { write: (line: string) => said.push(line) };
    let found: Environment = {};
    await withIo({ env, stdout: stderr, stderr }, async () => {
      found = await currentEnvironment();
    });
    return found;
  };

  test('is that of the stack of this folder, and the command says so', async () => {
    expect(await among({ namespace: 'one' }, { PATH: '/bin' })).toMatchObject({
      ...DEV.env,
      PATH: '/bin',
      ADMISSION_TASK_QUEUE: 'dev-queue',
    });
    expect(said.join('')).toMatch(/Temporal 127\.0\.0\.1:7233, namespace one/);
  });

  test.each([
    { TEMPORAL_ADDRESS: 'prod.example.com:7233' },
    { TEMPORAL_NAMESPACE: 'prod' },
    { TEMPORAL_PROFILE: 'prod' },
    { TEMPORAL_API_KEY: 'key' },
    { AWS_ENDPOINT_URL: 'https://messaging.example.com' },
    { AWS_ENDPOINT_URL_CHIME_SDK_MESSAGING: 'https://messaging.example.com' },
  ])('is the explicit one where it names another server: %j', async (env) => {
    expect(await among({}, env)).toEqual(env);
    expect(said.join('')).toMatch(/dev\.json is not used: \w+ is set/);
  });

  test('what is set of ours wins, and the same server may be named twice', async () => {
    const own = { TEMPORAL_ADDRESS: DEV.temporal, ADMISSION_TRUST_CLIENTS: 'false', ADMISSION_TASK_QUEUE: 'mine' };
    expect(await among({}, own)).toMatchObject({ ...own, ADMISSION_BEARERS: 'bearer' });
  });

  test.each([
    { temporal: 'evil.example:7233', env: {} },
    { temporal: '127.0.0.1:7233@evil.example:7233', env: {} },
    { emulator: 'https://evil.example', env: {} },
    { env: { TEMPORAL_ADDRESS: 'evil.example:7233' } },
    { env: { AWS_ENDPOINT_URL_CHIME_SDK_IDENTITY: 'https://evil.example' } },
  ])('is never that of a server elsewhere that only the file names: %j', async (planted) => {
    expect(await among(planted, {})).toEqual({});
  });
});
