import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'emulator-'));
const children: ChildProcess[] = [];

afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

function run(...options: string[]) {
  const child = spawn(process.execPath, ['emulator/main.ts', ...options], { cwd: root });
  children.push(child);
  return { child, exited: once(child, 'exit') as Promise<[number | null, string | null]> };
}

async function ready(...options: string[]) {
  const started = run('--json', ...options);
  const [line] = (await once(started.child.stdout, 'data')) as [Buffer];
  return { ...started, url: (JSON.parse(line.toString()) as { url: string }).url };
}

async function failing(...options: string[]) {
  const { child, exited } = run(...options);
  const [stderr, stdout, [code]] = await Promise.all([text(child.stderr), text(child.stdout), exited]);
  expect(stdout).toBe('');
  return { stderr, code };
}

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

test.each(['SIGTERM', 'SIGINT'] as const)('%s stops it, open connections or not', async (signal) => {
  const { child, exited, url } = await ready('--seed', 'emulator/seeds/dev.json');
  expect(await (await fetch(`${url}/_emulator/health`)).json()).toEqual({ status: 'ok' });
  const idle = connect(Number(new URL(url).port), '127.0.0.1');
  await once(idle, 'connect');
  child.kill(signal);
  // The connection is still open, and stays so: a server that waited for its end would never stop.
  expect(await exited).toEqual([0, null]);
  idle.destroy();
});

test('with --exit-with-parent a closed standard input ends it, without the option it does not', async () => {
  const bound = await ready('--exit-with-parent');
  bound.child.stdin.end();
  expect(await bound.exited).toEqual([0, null]);
  const free = await ready();
  free.child.stdin.end();
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect((await fetch(`${free.url}/_emulator/health`)).status).toBe(200);
  free.child.kill();
  await free.exited;
});

test('a port in use exits 1', async () => {
  const { child, url } = await ready();
  const { stderr, code } = await failing('--port', new URL(url).port);
  expect([code, stderr]).toEqual([1, expect.stringContaining('already in use')]);
  child.kill();
});

test.each([
  [['--port', 'x'], '0 to 65535'],
  [['--public-self-join', 'maybe'], 'allow, deny'],
  [['--bogus'], '--bogus'],
  [['--seed', 'nowhere.json'], 'Cannot read the seed nowhere.json'],
  [['--seed', file('broken.json', '{')], 'Cannot read the seed'],
  [['--seed', file('null.json', 'null')], '(top level): Invalid input: expected object'],
  [['--seed', file('wrong.json', '{"appInstances":[{"id":"a"}]}')], 'appInstances[0].users'],
])('options %j exit 2 and say why', async (options, message) => {
  const { stderr, code } = await failing(...options);
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
});

/** `fetch` does not let anybody choose these headers. */
async function raw(url: string, path: string, method: string, headers: Record<string, string>): Promise<string> {
  const { hostname, port } = new URL(url);
  const sent = request({ hostname, port, path, method, headers });
  sent.end(method === 'POST' ? '{"operation":"CreateChannelMembership","fault":{"kind":"status","status":500}}' : '');
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return `${response.statusCode} ${await text(response)}`;
}

test('pages of other sites cannot use it, neither by its address nor by a name of theirs', async () => {
  const { child, url } = await ready('--seed', 'emulator/seeds/dev.json');
  const { host, port } = new URL(url);
  const users = '/app-instance-users';
  for (const [headers, named] of [
    [{ host: `evil.example:${port}` }, 'Host'],
    [{ host: `127.0.0.1.evil.example:${port}` }, 'Host'],
    [{ host, origin: 'http://evil.example' }, 'Origin'],
    [{ host, origin: 'null' }, 'Origin'],
    [{ host, origin: `http://localhost:${Number(port) + 1}` }, 'Origin'],
    [{ host, 'sec-fetch-site': 'cross-site' }, 'Sec-Fetch-Site'],
    [{ host, 'sec-fetch-site': 'same-site' }, 'Sec-Fetch-Site'],
  ] as const) {
    for (const [method, path] of [
      ['GET', '/_emulator/state'],
      ['GET', '/_emulator/calls'],
      ['GET', '/_emulator/messages'],
      ['POST', '/_emulator/faults'],
      ['DELETE', '/_emulator/faults'],
      ['DELETE', '/_emulator'],
      ['POST', users],
    ] as const) {
      expect(await raw(url, path, method, headers)).toMatch(new RegExp(`^403 .*${named}`));
    }
  }
  for (const name of [`localhost:${port}`, `[::1]:${port}`, host]) {
    expect(await raw(url, '/_emulator/faults', 'GET', { host: name, origin: `http://${name}` })).toBe('200 []');
    expect(await raw(url, '/_emulator/faults', 'GET', { host: name, 'sec-fetch-site': 'none' })).toBe('200 []');
  }
  child.kill();
});
