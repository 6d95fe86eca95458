import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { emulator } from './support.ts';

const run = promisify(execFile);
const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
const venv = join(cache, 'channel-admission', 'boto3-venv');
const python = join(venv, 'bin', 'python');

async function usable(): Promise<boolean> {
  if (!existsSync(python)) return false;
  const { stdout } = await run(python, ['-c', 'import boto3; print(boto3.__version__)']).catch(() => ({ stdout: '' }));
  return stdout.trim() === '1.44.5';
}

async function makeVenv(): Promise<void> {
  if (await usable()) return;
  await mkdir(dirname(venv), { recursive: true });
  await run('python3', ['-m', 'venv', '--clear', venv]);
  await run(python, ['-m', 'pip', 'install', '--quiet', 'boto3==1.44.5', 'botocore==1.44.5']);
}

interface Raised {
  readonly own_class: boolean;
  readonly name: string;
  readonly status: number;
  readonly code: string;
}

interface Seen {
  readonly modelled: Record<string, Raised>;
  readonly natural: Raised[];
  readonly [fact: string]: unknown;
}

let seen: Seen;
const { url } = await emulator();

beforeAll(async () => {
  await makeVenv();
  const script = fileURLToPath(new URL('boto3_client.py', import.meta.url));
  const { stdout } = await run(python, [script, url], { env: { ...process.env, AWS_EC2_METADATA_DISABLED: 'true' } });
  seen = JSON.parse(stdout) as Seen;
});

test('boto3 builds an app instance and walks its lists by hand', () => {
  expect(seen['users']).toEqual([
    ['Admin', 'Mona', 'Bob', 'Carol', 'Dave'],
    [2, 2, 1],
  ]);
  expect(seen['members']).toEqual([
    ['Admin', 'Bob', 'Carol', 'robot'],
    [2, 2],
  ]);
  expect(seen['bans']).toEqual(['Bob']);
});

test('boto3 adds members one by one and in a batch, and reads timestamps', () => {
  expect(seen['added']).toEqual([201, 'Bob']);
  expect(seen['batch']).toEqual([['Carol', 'robot'], [[true, 'Conflict']]]);
  expect(seen['described']).toEqual(['DEFAULT', 'Mona', 'datetime']);
  expect([seen['deleted'], seen['left_channel']]).toEqual([204, 204]);
});

test('boto3 gets the exceptions the service itself decides on', () => {
  expect(seen['banned']).toMatchObject({ name: 'ForbiddenException', own_class: true });
  expect(seen.natural.map(({ name, status }) => [name, status])).toEqual([
    ['BadRequestException', 400],
    ['ForbiddenException', 403],
    ['NotFoundException', 404],
    ['ConflictException', 409],
  ]);
});

test('every modelled exception arrives as the client’s own class, with status and Code', () => {
  const rows = Object.values(seen.modelled).map(({ own_class: own, name, status, code }) => [name, own, status, code]);
  const all = [
    ['BadRequestException', true, 400, 'BadRequest'],
    ['ConflictException', true, 409, 'Conflict'],
    ['ForbiddenException', true, 403, 'Forbidden'],
    ['NotFoundException', true, 404, 'NotFound'],
    ['ResourceLimitExceededException', true, 400, 'ResourceLimitExceeded'],
    ['ServiceFailureException', true, 500, 'ServiceFailure'],
    ['ServiceUnavailableException', true, 503, 'ServiceUnavailable'],
    ['ThrottledClientException', true, 429, 'Throttled'],
    ['UnauthorizedClientException', true, 401, 'Unauthorized'],
  ];
  expect(rows).toHaveLength(all.length);
  expect(rows).toEqual(expect.arrayContaining(all));
});

test('a connection dropped after the change leaves the member added', () => {
  expect(seen['dropped']).toBe('ConnectionClosedError');
  expect(seen['applied']).toMatchObject({ name: 'ConflictException' });
});
