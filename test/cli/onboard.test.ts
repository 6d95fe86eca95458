import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
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

/** Makes it a flow of the workers; its name. */
const known = (text: string) => scene.flows.add(parse(text) as { name: string });

interface Shown {
  id: string;
  state: string;
  outcome: string | null;
  percent: number;
  progress: { id: string; status: string; people?: string[] }[];
}

test('an onboarding from start to end', async () => {
  const name = known(SHORT);
  const team = ['--param', `team=${emulator.channel('lobby')}`];
  const started = await run('start', name, '--member', emulator.user('alice'), '--as', mona, ...team, '--json');
  expect(started.code).toBe(4);
  const { id } = started.json<Shown>();
  expect(id).toMatch(/^onboard:short:[0-9a-f]{24}$/);
  const progress = async () => (await run('show', id, '--json')).json<Shown>().progress.map(({ status }) => status);
  await expect.poll(progress).toEqual(['done', 'now', 'future', 'future']);

  const mine = async (person: string) => (await run('list', '--mine', '--as', person, '--json')).json<object[]>();
  await expect.poll(() => mine(emulator.user('alice'))).toMatchObject([{ id, step: 'role' }]);
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

  await expect.poll(progress).toEqual(['done', 'done', 'done', 'now']);
  await expect
    .poll(async () => (await run('show', id, '--json')).json<Shown>().progress[3]?.people)
    .toEqual(expect.arrayContaining([max]) as string[]);
  const listed = async () => (await run('list', '--member', emulator.user('alice'), '--json')).json<object[]>();
  await expect.poll(listed).toMatchObject([{ id, flow: 'short', step: 'check', percent: 75 }]);
  expect(await mine(max)).toMatchObject([{ id, step: 'check' }]);
  expect(await mine(emulator.user('alice'))).toEqual([]);
  expect((await admit(['list', '--mine', '--as', max], { env: scene.env })).stdout).toContain(
    'admit onboard list --mine',
  );
  expect((await run('review', id, 'check', '--approve', '--as', max)).code).toBe(0);
  const end = await run('start', name, '--member', emulator.user('carol'), '--as', mona, ...team, '--json');
  expect(end.code).toBe(4);

  await expect.poll(async () => (await run('show', id, '--json')).json<Shown>().outcome).toBe('completed');
  const shown = await run('show', id);
  expect(shown.stdout).toMatch(/^completed, 100 %: short for Alice\n/);
  expect(shown.stdout).toContain('memberships that it made');
});

test('cancelling with --compensate, and --wait tells the end by its exit code', async () => {
  const args = [
    'start',
    known(SHORT.replace('name: short', 'name: other')),
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
  await expect.poll(async () => scene.membership(emulator.channel('lobby'), emulator.user('dave'))).toBe('DEFAULT');
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
    const started = await run('start', '--file', file, '--member', emulator.user('erin'), '--as', ada, '--json');
    expect([started.code, started.json()]).toMatchObject([
      2,
      { error: { code: 'InvalidFlow', message: expect.stringContaining('steps[0].channelArn') } },
    ]);
  });

  test('an expression that does not compile, a role that nobody provides, and a name twice have their line', async () => {
    const approvers = "approvers: { roles: [on.call], expression: 'reviewer.id ==' }";
    const text = SHORT.replace('approvers: { roles: [channel_moderator] }', approvers).replace(
      'steps:',
      'startedBy: { roles: [hr] }\nsteps:',
    );
    const [bad, first, second] = [
      await flowFile('roles', text),
      await flowFile('first', SHORT),
      await flowFile('second', SHORT),
    ];
    const linted = await run('lint', bad, first, second, '--json');
    expect(linted.json<{ issues: object[] }>().issues).toMatchObject([
      { file: bad, line: 5, path: 'startedBy.roles[0]', message: expect.stringContaining('unknown role hr') },
      { file: bad, line: 19, message: expect.stringContaining('unknown role on.call') },
      { file: bad, line: 19, message: expect.stringContaining('syntax error') },
      { file: second, line: 2, path: 'name', message: `there is another flow short, in ${first}` },
    ]);
  });

  test('a flow of one’s own, where one is no admin; and what is no flow', async () => {
    const file = await flowFile('own', SHORT.replace('name: short', 'name: own'));
    const team = ['--member', emulator.user('erin'), '--param', `team=${emulator.channel('lobby')}`, '--json'];
    const refused = await run('start', '--file', file, '--as', mona, ...team);
    expect([refused.code, refused.json()]).toMatchObject([2, { error: { code: 'FlowNotAllowed', field: 'flow' } }]);
    const taken = await run('start', '--file', file, '--as', ada, ...team);
    expect([taken.code, taken.json()]).toMatchObject([4, { flow: { name: 'own' }, requesterVerified: false }]);
    for (const args of [[file], [], ['own', '--file', file]]) {
      const wrong = await run('start', ...args, '--as', ada, ...team);
      expect([wrong.code, wrong.json()]).toMatchObject([2, { error: { code: 'InvalidFlow', field: 'flow' } }]);
    }
    const unknown = await run('start', 'nothing', '--as', ada, ...team);
    expect([unknown.code, unknown.json()]).toMatchObject([2, { error: { code: 'UnknownFlow', field: 'flow' } }]);
  });

  test('a param that is missing, and an onboarding that is not there', async () => {
    const missing = await run('start', known(SHORT), '--member', emulator.user('erin'), '--as', mona, '--json');
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

test('the flows that are shipped are good, and say who may start them', async () => {
  const examples = fileURLToPath(new URL('../../examples/onboarding', import.meta.url));
  const linted = await run('lint', examples);
  expect([linted.code, linted.stdout]).toEqual([0, expect.stringMatching(/(: good\n +started by .*){2}/s)]);
  const listed = await admit(['onboard', 'flows', '--json'], { env: { ...scene.env, ADMISSION_FLOWS: examples } });
  expect([listed.code, listed.json()]).toMatchObject([
    0,
    [
      { name: 'employee-30-days', startedBy: { roles: ['channel_moderator', 'app_instance_admin'] } },
      { name: 'moderator', params: { mentor: { type: 'user' } } },
    ],
  ]);
  expect((await run('flows')).stdout).toContain('no flows: set ADMISSION_FLOWS');
});
