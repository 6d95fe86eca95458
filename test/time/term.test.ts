import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { AdmissionService } from '../../src/service/admission-service.ts';
import { errorOf, valueOf } from '../support/admission.ts';
import { DAY, MINUTE, timeSkipping } from './time-skipping.ts';

const time = timeSkipping();

const user = (name: string) => time.admission.emulator.user(name);
const by = (name: string) => ({ actor: { principal: user(name) } });
const daysBetween = (from: string, to: string) => Math.round((Date.parse(to) - Date.parse(from)) / DAY);

async function joined(member: string, term: string, service: AdmissionService = time.admission.service) {
  const request = { channelArn: time.admission.emulator.channel('lobby'), memberArn: user(member), term };
  const answer = valueOf(await service.join(request));
  const view = async () => valueOf(await service.show(answer.id));
  await expect.poll(async () => (await view()).state).toBe('active');
  return { id: answer.id, view };
}

async function isMember(member: string): Promise<boolean> {
  const answer = await fetch(`${time.admission.emulator.url}/_emulator/state`);
  const { channels } = (await answer.json()) as { channels: { id: string; members: { id: string }[] }[] };
  return channels.some(({ id, members }) => id === 'lobby' && members.some((one) => one.id === member));
}

test('a term of 90 days: reminders before its end, an extension, and the removal', async () => {
  const { service, emulator } = time.admission;
  const member = `user-${randomUUID().slice(0, 8)}`;
  await emulator.newUser(member);
  const { id, view } = await joined(member, '90d');
  const first = await view();
  expect(first).toMatchObject({
    outcome: null,
    invitedBy: user(member),
    grant: { type: 'DEFAULT', createdAt: expect.any(String) },
  });
  expect(first.term?.remindAt.map((at) => daysBetween(at, first.term?.endsAt ?? ''))).toEqual([7, 1]);
  await time.sleep(83 * DAY + MINUTE);
  expect((await view()).term?.remindAt).toHaveLength(1);

  const extended = valueOf(
    await service.give(id, 'extend', { ...by('mona'), by: '30d', reason: 'the project goes on' }),
  );
  expect(extended.state).toBe('active');
  const { term, notes } = await view();
  expect(daysBetween(term?.startedAt ?? '', term?.endsAt ?? '')).toBe(120);
  expect(term?.remindAt).toHaveLength(2);
  expect(notes).toMatchObject([{ by: user('mona'), verified: false, reason: 'the project goes on' }]);

  await time.sleep(36 * DAY);
  expect([(await view()).term?.remindAt.length, await isMember(member)]).toEqual([0, true]);
  await time.sleep(DAY);
  const last = valueOf(await service.wait(id));
  expect([last.state, last.outcome, last.reason?.code]).toEqual(['closed', 'revoked', 'TERM_ENDED']);
  expect(daysBetween(last.term?.startedAt ?? '', last.closedAt ?? '')).toBe(120);
  expect([await isMember(member), (await emulator.calls('DeleteChannelMembership', user(member))).length]).toEqual([
    false,
    1,
  ]);
});

test('a term leaves a membership that is not the one that it made', async () => {
  const { service, emulator } = time.admission;
  const { id } = await joined('carol', '1d');
  const path = `${emulator.url}/channels/${encodeURIComponent(emulator.channel('lobby'))}/memberships`;
  const headers = { 'x-amz-chime-bearer': user('mona') };
  await fetch(`${path}/${encodeURIComponent(user('carol'))}`, { method: 'DELETE', headers });
  await fetch(path, { method: 'POST', headers, body: JSON.stringify({ MemberArn: user('carol'), Type: 'DEFAULT' }) });
  const before = (await emulator.calls('DeleteChannelMembership', user('carol'))).length;
  await time.sleep(DAY);
  const { outcome, reason } = valueOf(await service.wait(id));
  expect([outcome, reason?.message]).toEqual(['revoked', expect.stringContaining('not the one')]);
  expect([await isMember('carol'), (await emulator.calls('DeleteChannelMembership', user('carol'))).length]).toEqual([
    true,
    before,
  ]);
});

test('a term is revoked by an office of the channel, and by nobody from outside', async () => {
  const { service } = time.admission;
  const { id } = await joined('dave', '365d');
  expect(errorOf(await service.give(id, 'revoke', { ...by('bob'), reason: 'no' })).code).toBe('NotYours');
  valueOf(await service.give(id, 'revoke', { ...by('mona'), reason: 'left the team' }));
  const { outcome, reason, notes } = valueOf(await service.wait(id));
  expect([outcome, reason?.code, await isMember('dave')]).toEqual(['revoked', 'REVOKED', false]);
  expect(notes).toMatchObject([{ by: user('mona'), what: 'revoked', reason: 'left the team' }]);
});

test('a term of two years stays small', async () => {
  const { service, client } = time.admission;
  const { id } = await joined('erin', '730d');
  await time.sleep(730 * DAY);
  expect(valueOf(await service.wait(id)).outcome).toBe('revoked');
  const { events } = await client.workflow.getHandle(id).fetchHistory();
  expect(events?.length).toBeLessThan(80);
});

test('a removal that Chime refuses is an incident, and an operator has it tried again', async () => {
  const { service, emulator } = time.admission;
  const { id, view } = await joined('frank', '1d');
  await emulator.fault('DeleteChannelMembership', { kind: 'exception', name: 'ForbiddenException' }, { count: 1 });
  await time.sleep(DAY);
  await expect.poll(async () => (await view()).state).toBe('incident');
  expect(await view()).toMatchObject({
    outcome: null,
    incident: { during: 'removal', error: { type: 'ForbiddenException' } },
  });
  expect(errorOf(await service.give(id, 'retry', { ...by('mona'), reason: 'let me' })).code).toBe('NotAnAdmin');
  valueOf(await service.give(id, 'retry', { ...by('ada'), reason: 'the right is back' }));
  expect(valueOf(await service.wait(id))).toMatchObject({ outcome: 'revoked' });
  expect(await isMember('frank')).toBe(false);
});
