import { expect, test } from 'vitest';
import { errorOf, valueOf } from '../support/admission.ts';
import { approvalBy, policySet } from './support-policies.ts';
import { CREATE, exception, startScene } from './support.ts';

const user = (name: string) => (channelArn: string) => channelArn.replace(/channel.*/, `user/${name}`);
const [mona, ada] = [user('mona'), user('ada')];
/** mona and an admin have to agree to every membership. */
const policies = policySet(
  ['people', ({ channelArn }) => approvalBy(mona(channelArn))],
  ['admins', ({ channelArn }) => approvalBy(ada(channelArn))],
);
const scene = await startScene({}, policies);
const { emulator, service } = scene;
const channelArn = emulator.channel('board');
const by = (name: string) => ({ actor: { principal: emulator.user(name) } });
const approve = (name: string) => ({ ...by(name), decision: 'approve' as const });
const FORBIDDEN = exception('ForbiddenException');
const writes = async (memberArn: string) => (await emulator.calls(CREATE, memberArn)).map(({ status }) => status);

test('a reassignment that would resolve the request changes nothing where earlier reviewers cannot be checked', async () => {
  const memberArn = await scene.newcomer();
  const id = await scene.pending({ channelArn, memberArn });
  valueOf(await service.review(id, approve('mona')));
  const to = { users: [emulator.user('mona')] };
  const reassign = async () =>
    service.give(id, 'reassign', { ...by('ada'), binding: 'admins', to, reason: 'I am away' });
  // Who could review is read once more before who did is checked.
  await emulator.fault('ListChannelModerators', { kind: 'delay', ms: 0 });
  await emulator.fault('ListChannelModerators', FORBIDDEN);
  expect(errorOf(await reassign()).code).toBe('Unavailable');
  expect(valueOf(await service.show(id))).toMatchObject({ state: 'pending', notes: [] });
  valueOf(await reassign());
  expect(valueOf(await service.wait(id))).toMatchObject({ outcome: 'joined', invitedBy: emulator.user('mona') });
  expect(await writes(memberArn)).toEqual([201]);
});
