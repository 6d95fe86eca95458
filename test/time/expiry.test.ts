import { expect, test } from 'vitest';
import type { AdmissionService } from '../../src/service/admission-service.ts';
import { errorOf, valueOf } from '../support/admission.ts';
import { DAY, MINUTE, timeSkipping } from './time-skipping.ts';

const time = timeSkipping();

async function ask(member: string, service: AdmissionService = time.admission.service) {
  const { emulator } = time.admission;
  const request = { channelArn: emulator.channel('board'), memberArn: emulator.user(member) };
  return valueOf(await service.join(request));
}

const approval = () => ({ actor: { principal: time.admission.emulator.user('mona') }, decision: 'approve' as const });

test('a request that nobody answers expires after 30 days, and nothing is written', async () => {
  const { emulator, service } = time.admission;
  const { id, state } = await ask('alice');
  expect(state).toBe('pending');
  await time.sleep(30 * DAY);
  const { outcome, reason, requestedAt, expiresAt = '', closedAt = '' } = valueOf(await service.wait(id));
  expect([outcome, reason?.code]).toEqual(['expired', 'EXPIRED']);
  expect(reason?.message).toContain(expiresAt);
  expect(Date.parse(closedAt)).toBeGreaterThanOrEqual(Date.parse(expiresAt));
  expect(Date.parse(expiresAt) - Date.parse(requestedAt)).toBeGreaterThanOrEqual(30 * DAY);
  expect(await emulator.calls('CreateChannelMembership', emulator.user('alice'))).toEqual([]);
});

test('a review a minute before the expiry counts', async () => {
  const { service } = time.admission;
  const { id } = await ask('carol');
  await time.sleep(30 * DAY - MINUTE);
  expect(valueOf(await service.review(id, approval()))).toMatchObject({ state: 'granting' });
  expect(valueOf(await service.wait(id))).toMatchObject({ outcome: 'joined' });
});

test('a review after the expiry is told that the request is resolved, and the requester may ask again', async () => {
  const { service } = time.admission;
  const first = await ask('dave');
  await time.sleep(30 * DAY);
  valueOf(await service.wait(first.id));
  expect(errorOf(await service.review(first.id, approval()))).toMatchObject({ code: 'AlreadyResolved' });
  const second = await ask('dave');
  expect(second).toMatchObject({ id: first.id, state: 'pending' });
  expect(second.runId).not.toBe(first.runId);
});

test('ADMISSION_EXPIRE_AFTER says how long a request waits', async () => {
  const service = await time.otherSystem({ ADMISSION_EXPIRE_AFTER: '90m' });
  const { id } = await ask('erin', service);
  await time.sleep(89 * MINUTE);
  expect(valueOf(await service.show(id))).toMatchObject({ state: 'pending' });
  await time.sleep(MINUTE);
  expect(valueOf(await service.wait(id))).toMatchObject({ outcome: 'expired' });
});
