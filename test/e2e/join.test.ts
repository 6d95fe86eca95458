import { afterAll, beforeAll, expect, test } from 'vitest';
import { startAdmission, valueOf } from '../support/admission.ts';
import type { TestAdmission } from '../support/admission.ts';

let admission: TestAdmission;
beforeAll(async () => {
  admission = await startAdmission();
});
afterAll(() => admission.close());

test('a public self-join is joined, with the member as InvitedBy', async () => {
  const { emulator, service } = admission;
  const answer = valueOf(
    await service.join({ channelArn: emulator.channel('lobby'), memberArn: emulator.user('alice') }),
  );
  expect(answer).toMatchObject({ state: 'closed', outcome: 'joined', invitedBy: emulator.user('alice') });
  expect(await emulator.calls('CreateChannelMembership', emulator.user('alice'))).toMatchObject([{ status: 201 }]);
});
