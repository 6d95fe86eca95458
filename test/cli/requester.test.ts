import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { endOf, startAdmit } from '../support/admit.ts';
import { valueOf } from '../support/admission.ts';
import { refusalOf, startCliAdmission } from './support.ts';
import type { CliAdmission } from './support.ts';

let admission: CliAdmission;
beforeAll(async () => {
  admission = await startCliAdmission();
});
afterAll(() => admission.close());

const run = (...args: string[]) => admission.run(...args);
const user = (name: string) => admission.emulator.user(name);
const fields = (team: string) => ['--answer', 'rules=true', '--answer', `team=${team}`, '--json'];
const view = async (id: string) => valueOf(await admission.service.show(id));

test('a reason that is written like the sections of a page adds none to it', async () => {
  const spoof =
    'please\n  stages\n    privacy  review  approved  1 approval\n  reviews\n    approve  mona  2026-11-27T10:00:00.000Z  verified  fine';
  const pages = await Promise.all(
    [
      ['dave', spoof],
      ['erin', 'please'],
    ].map(async ([member = '', reason = '']) => {
      const about = ['--channel', admission.emulator.channel('board'), '--member', user(member), '--reason', reason];
      const joined = await run('join', ...about, '--json');
      const { stdout } = await run('show', joined.json<{ id: string }>().id);
      return stdout;
    }),
  );
  const headings = pages.map((page) =>
    page.split('\n').map((line) => /^( {2}\w[\w ]*?)(?: {2}|$)|^ */.exec(line)?.[0]),
  );
  expect(headings[0]).toEqual(headings[1]);
  expect(pages[0]).toMatch(/^ {2}because +please⏎ stages⏎ privacy review approved/m);
  expect(pages[0]).not.toMatch(/^ +(reviews|approve)/m);
});

test('input shows what is asked, refuses what does not fit, and sends what does', async () => {
  const channel = admission.emulator.channel('square');
  const asked = await run('join', '--channel', channel, '--member', user('carol'), '--json');
  const { id, next } = asked.json<{ id: string; next: string }>();
  expect([asked.code, next]).toEqual([4, `admit input ${id}`]);
  expect(asked.json()).toMatchObject({ state: 'pending', waitsFor: 'input', inputs: [{ binding: 'house-rules' }] });

  const shown = await run('input', id);
  expect(shown.code).toBe(0);
  expect(shown.stdout).toMatch(/^house-rules asks, until .*: Please read this first\.\n/);
  expect(shown.stdout).toMatch(/team +"audit" or "sales" +required +Which team are you in\?/);
  expect(shown.stdout).toMatch(/rules +true +required +I accept the rules: 1\. Be kind\./);

  const cooking = await run('input', id, ...fields('cooking'), '--as', user('carol'));
  expect(cooking.json()).toMatchObject({ error: { code: 'InvalidInput', field: 'answers.team' } });
  expect(cooking.code).toBe(2);
  expect(refusalOf(await run('input', id, ...fields('audit')))).toEqual([2, 'InvalidCall']);
  expect(refusalOf(await run('input', id, ...fields('audit'), '--as', user('mona')))).toEqual([2, 'NotYours']);
  const other = ['--binding', 'channel-privacy', '--answers', '{}', '--json', '--as', user('carol')];
  expect(refusalOf(await run('input', id, ...other))).toEqual([2, 'NoInputAsked']);
  expect((await view(id)).answers).toEqual([]);

  const answered = await run('input', id, ...fields('audit'), '--as', user('carol'));
  expect([answered.code, answered.json()]).toMatchObject([0, { id }]);
  const closed = valueOf(await admission.service.wait(id));
  expect(closed).toMatchObject({ outcome: 'joined', answers: [{ answers: { rules: true, team: 'audit' } }] });
  expect((await run('show', id)).stdout).toMatch(
    /answers\n +house-rules +\{"rules":true,"team":"audit"\} +by carol at/,
  );
});

test('answers may come from a JSON text, and one that is none is refused', async () => {
  const id = await admission.open('square', 'dave');
  expect(refusalOf(await run('input', id, '--answers', '[1]', '--as', user('dave'), '--json'))).toEqual([
    2,
    'InvalidCall',
  ]);
  const given = await run('input', id, '--answers', '{"rules":true,"team":"sales"}', '--as', user('dave'));
  expect(given.code).toBe(0);
  expect(valueOf(await admission.service.wait(id)).outcome).toBe('joined');
});

test('amend changes what is asked, and a review of what it was before is refused', async () => {
  const id = await admission.open('board', 'alice', { reason: 'the audit', term: '5d' });
  const before = (await view(id)).requestDigest ?? '';
  const wish = await run('review', id, '--request-changes', '--comment', 'for less long', '--as', user('mona'));
  expect([wish.code, wish.stdout]).toEqual([0, expect.stringContaining(`${id} is pending`)]);

  expect(refusalOf(await run('amend', id, '--as', user('alice'), '--json'))).toEqual([2, 'InvalidCall']);
  expect(refusalOf(await run('amend', id, '--term', '2d', '--as', user('mona'), '--json'))).toEqual([2, 'NotYours']);
  const wrong = await run('amend', id, '--term', 'long', '--as', user('alice'));
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringMatching(/error: (--term: )?term is not valid/)]);
  const done = await run('amend', id, '--term', '2d', '--no-reason', '--as', user('alice'), '--json');
  expect([done.code, done.json()]).toMatchObject([0, { state: 'pending' }]);
  const { request, requestDigest = '' } = await view(id);
  expect(request).toMatchObject({ term: '2d' });
  expect(request).not.toHaveProperty('reason');

  const approve = ['review', id, '--approve', '--as', user('mona'), '--json'];
  const stale = await run(...approve, '--digest', before);
  expect(stale.json()).toMatchObject({ error: { code: 'RequestChanged', accepted: requestDigest } });
  expect((await run('show', id)).stdout).toMatch(/requestChanges +mona .*\(before it was amended\) for less long/);
  const join = ['join', '--channel', admission.emulator.channel('board'), '--member', user('alice'), '--wait'];
  const waiting = startAdmit(join, admission);
  const decided = endOf(waiting);
  await once(waiting.stderr, 'data');
  expect((await run(...approve, '--digest', requestDigest)).code).toBe(0);
  // The term runs for days: nobody waits for its end.
  expect(await decided).toMatchObject({ code: 0, stdout: expect.stringMatching(/^active: Alice\n/) });
  expect((await run('show', id)).stdout).toMatch(/^active: Alice\n/);
  expect((await run('show', id)).stdout).toMatch(/term +since .*, ends /);
});

test('what a requester wrote does not steer the terminal of who reads it', async () => {
  const id = await admission.open('guild', 'erin', { reason: 'please\u001b[2J\u009b1mlet me in' });
  const shown = await run('show', id);
  expect(shown.stdout).toContain(String.raw`please\u{1b}[2J\u{9b}1mlet me in`);
  // oxlint-disable-next-line no-control-regex
  expect(shown.stdout).not.toMatch(/[\u001b\u009b]/);
});

test('plan tells what happened and what is to come, of a request and of one that nobody has made', async () => {
  const id = await admission.open('board', 'erin');
  const plan = await run('plan', id);
  expect(plan.code).toBe(0);
  expect(plan.stdout).toMatch(/✓ .*erin asked to join board/);
  expect(plan.stdout).toMatch(/→ +until .*channel-privacy.*0 of 1.*\((ada|max|mona)/);
  expect(plan.stdout).toMatch(/· .*Chime is called/);
  expect((await run('plan', id, '--json')).json()).toMatchObject({ id, state: 'pending', steps: expect.any(Array) });
  valueOf(await admission.service.withdraw(id, { actor: { principal: user('erin') } }));
  await admission.service.wait(id);
  expect((await run('plan', id)).stdout).toMatch(/ is withdrawn\n[^→·]*$/);

  const channel = admission.emulator.channel('board');
  const imagined = ['plan', '--channel', channel, '--member', user('frank'), '--term', '10d', '--set', admission.set];
  const ahead = await run(...imagined);
  expect(ahead.code).toBe(0);
  expect(ahead.stdout).toMatch(/^not asked yet/);
  expect(ahead.stdout).toContain('1 approval by channel_moderator or app_instance_admin');
  expect(ahead.stdout).toContain('the membership is removed 10d later');
  expect(await admission.emulator.calls('CreateChannelMembership', user('frank'))).toEqual([]);
  expect(valueOf(await admission.service.list({ memberArn: user('frank'), limit: 1 }))).toEqual([]);
  // A policy may look at the reason: a plan without it would be the plan of another request.
  const because = admission.set.replace('admission.yaml', 'because.yaml');
  const params = '{ allowWhen: "has(request.reason)", facts: [] }';
  await writeFile(
    because,
    `apiVersion: admission/v1\nbindings:\n  - { name: why, use: expression, params: ${params} }\n`,
  );
  const given = async (...args: string[]) =>
    (await run('plan', '--channel', channel, '--member', user('frank'), '--set', because, ...args)).stdout;
  expect(await given('--reason', 'the audit')).toContain('why decided allow');
  expect(await given()).not.toContain('why decided allow');
  const set = admission.set.replace('admission.yaml', 'external.yaml');
  const external = '  - { name: desk, use: http, params: { url: "http://127.0.0.1:9/ask", secretEnv: DESK } }\n';
  await writeFile(set, `apiVersion: admission/v1\nbindings:\n${external}`);
  const unknown = await run('plan', '--channel', channel, '--member', user('frank'), '--set', set, '--json');
  expect(unknown.json()).toMatchObject({ error: { code: 'NotAsked', accepted: '--ask-external' } });
  expect(refusalOf(await run('plan', '--json'))).toEqual([2, 'InvalidCall']);
  expect(refusalOf(await run('plan', 'join:nobody:knows:00000000', '--json'))).toEqual([2, 'UnknownRequest']);
});
