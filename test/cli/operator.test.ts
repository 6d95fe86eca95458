import { afterAll, beforeAll, expect, test } from 'vitest';
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
const as = (name: string) => ['--as', user(name), '--json'];
const view = async (id: string) => valueOf(await admission.service.show(id));

/** A request that people approved, and whose call Chime then refuses. */
async function incident(member: string): Promise<string> {
  const id = await admission.open('board', member);
  const options = { memberArn: user(member) };
  await admission.emulator.fault('CreateChannelMembership', { kind: 'exception', name: 'ForbiddenException' }, options);
  valueOf(await admission.service.review(id, { actor: { principal: user('mona') }, decision: 'approve' }));
  await expect.poll(async () => (await view(id)).state).toBe('incident');
  return id;
}

test('an incident is listed with what failed, retried and abandoned by admins alone', async () => {
  const [mended, lost] = [await incident('alice'), await incident('dave')];
  const listed = async () => {
    const found = valueOf(await admission.service.list({ state: 'incident', limit: 100 }));
    return found.map(({ id }) => id);
  };
  await expect.poll(listed).toEqual(expect.arrayContaining([mended, lost]));
  const json = (await run('incident', 'list', '--json')).json<{ id: string }[]>();
  expect(json.find(({ id }) => id === lost)).toMatchObject({ incident: { error: { type: 'ForbiddenException' } } });
  const shown = await run('incident', 'list');
  expect(shown.stdout).toContain(mended);
  expect(shown.stdout).toMatch(/during grant, since .*: ForbiddenException: /);
  expect(shown.stdout).toContain(`admit incident retry ${lost} --reason WHY`);
  expect((await run('show', mended)).stdout).toMatch(/^incident\n/);

  const why = ['--reason', 'the bearer is an admin again'];
  expect(refusalOf(await run('incident', 'retry', mended, ...why, ...as('mona')))).toEqual([2, 'NotAnAdmin']);
  const unsaid = await run('incident', 'retry', mended, ...as('ada'));
  expect([unsaid.code, unsaid.stdout]).toEqual([2, expect.stringContaining('--reason')]);
  expect((await run('incident', 'retry', mended, ...why, ...as('ada'))).json()).toMatchObject({ state: 'granting' });
  expect(valueOf(await admission.service.wait(mended)).outcome).toBe('joined');

  const gone = await run('incident', 'abandon', lost, '--reason', 'the channel is gone', ...as('ada'));
  expect([gone.code, gone.json()]).toMatchObject([0, { state: 'closed', outcome: 'failed' }]);
  expect(refusalOf(await run('incident', 'retry', lost, ...why, ...as('ada')))).toEqual([2, 'AlreadyResolved']);
  expect((await run('show', lost)).stdout).toMatch(/notes\n +gave up +by ada at .*, not verified +the channel is gone/);
});

test('override lets in what nobody approved, and stays in sight beside the verdict', async () => {
  const id = await admission.open('board', 'erin');
  const args = ['override', id, '--reason', 'all moderators are away', '--ticket', 'OPS-7'];
  expect(refusalOf(await run(...args, ...as('mona')))).toEqual([2, 'NotAnAdmin']);
  expect(refusalOf(await run(...args, ...as('erin')))).toEqual([2, 'OwnRequest']);
  expect((await run(...args, ...as('ada'))).code).toBe(0);
  expect(valueOf(await admission.service.wait(id)).outcome).toBe('joined');
  const shown = await run('show', id);
  expect(shown.stdout).toMatch(/OVERRIDDEN +by ada at .*: all moderators are away \(OPS-7\)/);
  expect(shown.stdout).toMatch(/channel-privacy +requireApproval +pend/);
});

test('reassign names others, who then review in place of those before', async () => {
  const id = await admission.open('board', 'frank');
  const to = (...args: string[]) => run('reassign', id, ...args, '--reason', 'they are away', ...as('ada'));
  expect(refusalOf(await to('--binding', 'nobody', '--to-user', user('carol')))).toEqual([2, 'UnknownRequirement']);
  const unnamed = await to('--binding', 'channel-privacy');
  expect(unnamed.json()).toMatchObject({ error: { code: 'InvalidCommand', field: 'to' } });
  const slip = await to('--binding', 'channel-privacy', '--to-role', 'channel_modrator');
  expect([slip.code, slip.json()]).toMatchObject([2, { error: { code: 'InvalidCommand', field: 'to.roles' } }]);
  const cel = await to('--binding', 'channel-privacy', '--to-expression', "revier.id == 'max'");
  expect([cel.code, cel.json()]).toMatchObject([2, { error: { code: 'InvalidCommand', field: 'to.expression' } }]);
  const bot = await to('--binding', 'channel-privacy', '--to-user', admission.emulator.bearer);
  expect(bot.json()).toMatchObject({ error: { message: expect.stringMatching(/^--to-user: /) } });
  expect((await to('--binding', 'channel-privacy', '--to-user', user('carol'), user('bob'))).code).toBe(0);
  expect((await run('show', id)).stdout).toMatch(/stages\n +channel-privacy +review +open .* open for 2 named users/);
  expect(refusalOf(await run('review', id, '--approve', ...as('mona')))).toEqual([2, 'NotAnApprover']);
  expect((await run('review', id, '--abstain', ...as('bob'))).json()).toMatchObject({ state: 'pending' });
  expect((await run('review', id, '--approve', ...as('carol'))).code).toBe(0);
  expect(valueOf(await admission.service.wait(id))).toMatchObject({ outcome: 'joined' });
});

test('reevaluate has the policies asked again about what changed', async () => {
  const id = await admission.open('board', 'carol');
  expect((await run('reevaluate', id, '--changed', 'roster,channel', '--json')).json()).toMatchObject({
    state: 'pending',
  });
  const wrong = await run('reevaluate', id, '--changed', 'weather', '--json');
  expect(wrong.json()).toMatchObject({
    error: { code: 'InvalidCommand', message: expect.stringMatching(/^--changed: /) },
  });
  await admission.emulator.ban('board', 'carol');
  const banned = await run('reevaluate', id, '--changed', 'ban', '--json');
  expect([banned.code, banned.json()]).toMatchObject([0, { id }]);
  expect(valueOf(await admission.service.wait(id))).toMatchObject({ outcome: 'denied', reason: { code: 'BANNED' } });
});

test('a term is extended through the policies, by people where they ask for it, and revoked', async () => {
  const { service, emulator } = admission;
  const join = ['join', '--channel', emulator.channel('lobby'), '--member', user('bob')];
  const tooLong = await run(...join, '--term', '100d', '--json');
  expect([tooLong.code, tooLong.json()]).toMatchObject([3, { reason: { code: 'TERM_TOO_LONG', field: 'term' } }]);
  const joined = await run(...join, '--term', '30d', '--wait', '--json');
  expect([joined.code, joined.json()]).toMatchObject([0, { state: 'active', term: { endsAt: expect.any(String) } }]);
  const { id } = joined.json<{ id: string }>();
  const days = async () => {
    const { startedAt = '', endsAt = '' } = (await view(id)).term ?? {};
    return (Date.parse(endsAt) - Date.parse(startedAt)) / 86_400_000;
  };

  expect((await run('extend', id, '--by', '10d', ...as('mona'))).code).toBe(0);
  expect(await days()).toBe(40);
  expect(refusalOf(await run('extend', id, '--by', '51d', ...as('bob')))).toEqual([2, 'Denied']);
  expect(refusalOf(await run('extend', id, '--by', '1d', ...as('dave')))).toEqual([2, 'NotYours']);
  const never = await run('extend', id, '--by', 'never', ...as('bob'));
  expect(never.json()).toMatchObject({ error: { message: expect.stringMatching(/^--by: /) } });

  expect((await run('extend', id, '--by', '30d', '--reason', 'it goes on', ...as('bob'))).code).toBe(0);
  expect(await days()).toBe(40);
  expect((await run('show', id)).stdout).toMatch(/extension +until .*, asked by bob at .*: it goes on/);
  const mine = await run('list', '--mine', ...as('mona'));
  expect(mine.json()).toMatchObject([{ id, state: 'active', waitsFor: 'people' }]);
  expect((await run('review', id, '--approve', ...as('mona'))).code).toBe(0);
  expect(await days()).toBe(70);

  expect(refusalOf(await run('revoke', id, '--reason', 'left', ...as('dave')))).toEqual([2, 'NotYours']);
  expect((await run('revoke', id, '--reason', 'left the project', ...as('mona'))).code).toBe(0);
  const closed = valueOf(await service.wait(id));
  expect(closed).toMatchObject({ outcome: 'revoked', reason: { code: 'REVOKED' } });
  expect(await emulator.calls('DeleteChannelMembership', user('bob'))).toHaveLength(1);
  expect((await run('show', id)).stdout).toMatch(/notes\n(.*\n)* +revoked +by mona at .* left the project/);
});
