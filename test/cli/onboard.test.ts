import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startOnboardings } from '../onboarding/scene.ts';
import { admit, endOf, startAdmit } from '../support/admit.ts';

const scene = await startOnboardings();
const { emulator } = scene;
const run = (...args: string[]) => admit(['onboard', ...args], { env: scene.env });
const [mona, max, ada] = [emulator.user('mona'), emulator.user('max'), emulator.user('ada')];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'onboard-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function flowFile(name: string, text: string): Promise<string> {
  const file = join(folder, `${name}.yaml`);
  await writeFile(file, text);
  return file;
}

const SHORT = `apiVersion: onboarding/v1
name: short
params:
  team: { type: channel }
steps:
  - { id: welcome, kind: join, channelArn: '{{params.team}}' }
  - id: role
    kind: input
    prompt: Which role?
    schema: { type: object, properties: { role: { type: string } }, required: [role] }
  - id: hello
    kind: message
    channelArn: '{{params.team}}'
    text: '{{member.name}}: {{answers.role.role}}'
  - id: check
    kind: approval
    channelArn: '{{params.team}}'
    requirement: { approvers: { roles: [channel_moderator] }, approve: 1 }
`;

interface Shown {
  id: string;
  state: string;
  outcome: string | null;
  percent: number;
  progress: { id: string; status: string; people?: string[] }[];
}

test('an onboarding from start to end', async () => {
  const file = await flowFile('short', SHORT);
  const team = ['--param', `team=${emulator.channel('lobby')}`];
  const started = await run('start', file, '--member', emulator.user('alice'), '--as', mona, ...team, '--json');
  expect(started.code).toBe(4);
  const { id } = started.json<Shown>();
  expect(id).toMatch(/^onboard:short:[0-9a-f]{24}$/);
  const progress = async () => (await run('show', id, '--json')).json<Shown>().progress.map(({ status }) => status);
  await expect.poll(progress, { timeout: 15_000 }).toEqual(['done', 'now', 'future', 'future']);

  const mine = async (person: string) => (await run('list', '--mine', '--as', person, '--json')).json<object[]>();
  await expect.poll(() => mine(emulator.user('alice')), { timeout: 15_000 }).toMatchObject([{ id, step: 'role' }]);
  expect(await mine(max)).toEqual([]);
  const asked = await run('input', id, 'role');
  expect([asked.code, asked.stdout]).toEqual([
    0,
    expect.stringMatching(/^role asks: Which role\?\n +fields\n +role +string/),
  ]);
  const wrong = await run('input', id, 'role', '--answers', '{"role":7}', '--as', emulator.user('alice'), '--json');
  expect([wrong.code, wrong.json()]).toMatchObject([2, { error: { code: 'InvalidInput', field: 'answers.role' } }]);
  expect((await run('pause', id, '--reason', 'lunch', '--as', ada)).stdout).toContain('is paused, 25 %');
  const paused = (await run('show', id)).stdout;
  expect(paused).toMatch(/now +role .* the member alice/);
  expect(paused).toMatch(/notes\n +pause +by ada at .*, not verified +lunch\n\nTo go on:\n +admit onboard resume /);
  expect((await run('resume', id, '--reason', 'back', '--as', ada)).stdout).toContain('is running');
  const answers = await flowFile('answers', '{"role":"gardener"}');
  expect((await run('input', id, 'role', '--answers', answers, '--as', emulator.user('alice'))).code).toBe(0);

  await expect.poll(progress, { timeout: 15_000 }).toEqual(['done', 'done', 'done', 'now']);
  await expect
    .poll(async () => (await run('show', id, '--json')).json<Shown>().progress[3]?.people, { timeout: 15_000 })
    .toEqual(expect.arrayContaining([max]) as string[]);
  const listed = async () => (await run('list', '--member', emulator.user('alice'), '--json')).json<object[]>();
  await expect.poll(listed, { timeout: 15_000 }).toMatchObject([{ id, flow: 'short', step: 'check', percent: 75 }]);
  expect(await mine(max)).toMatchObject([{ id, step: 'check' }]);
  expect(await mine(emulator.user('alice'))).toEqual([]);
  expect((await admit(['list', '--mine', '--as', max], { env: scene.env })).stdout).toContain(
    'admit onboard list --mine',
  );
  expect((await run('review', id, 'check', '--approve', '--as', max)).code).toBe(0);
  const end = await run('start', file, '--member', emulator.user('carol'), '--as', mona, ...team, '--json');
  expect(end.code).toBe(4);

  await expect
    .poll(async () => (await run('show', id, '--json')).json<Shown>().outcome, { timeout: 15_000 })
    .toBe('completed');
  const shown = await run('show', id);
  expect(shown.stdout).toMatch(/^completed, 100 %: short for Alice\n/);
  expect(shown.stdout).toContain('memberships that it made');
}, 90_000);

test('cancelling with --compensate, and --wait tells the end by its exit code', async () => {
  const file = await flowFile('short', SHORT.replace('name: short', 'name: other'));
  const args = [
    'start',
    file,
    '--member',
    emulator.user('dave'),
    '--as',
    mona,
    '--param',
    `team=${emulator.channel('lobby')}`,
  ];
  const { id } = (await run(...args, '--json')).json<Shown>();
  const waiting = startAdmit(['onboard', ...args, '--wait'], { env: scene.env });
  const closed = endOf(waiting);
  expect(String(await once(waiting.stderr, 'data'))).toContain(`${id} is running; waiting`);
  await expect
    .poll(async () => scene.membership(emulator.channel('lobby'), emulator.user('dave')), { timeout: 15_000 })
    .toBe('DEFAULT');
  const cancelled = await run('cancel', id, '--reason', 'changed my mind', '--compensate', '--as', mona, '--json');
  expect(cancelled.code).toBe(0);
  const end = await closed;
  expect([end.code, end.stdout]).toEqual([3, expect.stringMatching(/^cancelled, /)]);
  expect(await scene.membership(emulator.channel('lobby'), emulator.user('dave'))).toBeNull();
});

describe('what is not right', () => {
  test('a flow with mistakes is not started, and lint names every place', async () => {
    const file = await flowFile(
      'bad',
      SHORT.replace('kind: input', 'kind: inptu').replace("'{{params.team}}'", 'nowhere'),
    );
    const linted = await run('lint', file, '--json');
    expect(linted.code).toBe(1);
    expect(linted.json<{ issues: object[] }>().issues).toMatchObject([
      { line: 6, path: 'steps[0].channelArn', message: expect.stringContaining('nowhere') },
      { line: 8, path: 'steps[1].kind', message: 'is "inptu"' },
    ]);
    const started = await run('start', file, '--member', emulator.user('erin'), '--as', mona, '--json');
    expect([started.code, started.json()]).toMatchObject([
      2,
      { error: { code: 'InvalidFlow', message: expect.stringContaining('steps[0].channelArn') } },
    ]);
  });

  test('a param that is missing, and an onboarding that is not there', async () => {
    const file = await flowFile('short', SHORT);
    const missing = await run('start', file, '--member', emulator.user('erin'), '--as', mona, '--json');
    expect([missing.code, missing.json()]).toMatchObject([
      2,
      {
        error: { code: 'InvalidRequest', field: 'params.team', message: expect.stringContaining('--param team=') },
      },
    ]);
    const unknown = await run('show', 'onboard:nobody:knows:00000000', '--json');
    expect([unknown.code, unknown.json()]).toMatchObject([2, { error: { code: 'UnknownRequest' } }]);
    const request = await run('list', '--state', 'open', '--json');
    expect([request.code, request.json()]).toMatchObject([2, { error: { field: 'state' } }]);
  });
});

test('the flows that are shipped are good', async () => {
  const examples = new URL('../../examples/onboarding/', import.meta.url);
  const files = (await readdir(examples)).filter((name) => name.endsWith('.yaml'));
  expect(files).toHaveLength(2);
  for (const file of files) {
    const linted = await run('lint', new URL(file, examples).pathname);
    expect([file, linted.code, linted.stdout]).toEqual([file, 0, expect.stringContaining(': good')]);
  }
});
