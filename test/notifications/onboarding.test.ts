import type { AddressInfo } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { createReceiver } from '../../examples/notifications/receiver.ts';
import type { WebhookBody } from '../../src/kit/webhook.ts';
import { startOnboardings } from '../onboarding/scene.ts';
import { valueOf } from '../support/admission.ts';
import { chat, configFolder, SECRET } from './config-folder.ts';
import { user } from './events.ts';

const taken: WebhookBody[] = [];
const web = createReceiver(SECRET, async (message) => void taken.push(message));
await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
afterAll(() => {
  web.closeAllConnections();
  web.close();
});
const file = await configFolder({
  apiVersion: 'admission/v1',
  channels: [chat(`http://127.0.0.1:${(web.address() as AddressInfo).port}`)],
  operators: [user('olga')],
});
const { emulator, started, give } = await startOnboardings({ ADMISSION_NOTIFICATIONS: file, CHAT_SECRET: SECRET });

const told = (kind: string) =>
  taken
    .filter((message) => message.kind === kind)
    .map(({ to, text }) => `${to.name}: ${text}`)
    .toSorted();

test('the member hears what is asked, reviewers what waits, operators what is stuck, and all how it ended', async () => {
  const member = await emulator.newUser('nina');
  const channelArn = emulator.channel('board');
  const requirement = { approvers: { roles: ['channel_moderator'] }, approve: 1 };
  const { id } = await started(
    [
      { id: 'role', title: 'Your role', kind: 'input', prompt: 'Role?', schema: { type: 'object' } },
      { id: 'check', kind: 'approval', channelArn, requirement, onFailure: 'hold' },
    ],
    { member, flow: { title: 'First days' } },
  );
  await expect
    .poll(() => told('onboardingInput'))
    .toEqual(['nina: Your onboarding needs an answer from you.\nFirst days: Your role']);
  valueOf(await give(id, 'submitInput', member, { step: 'role', answers: {} }));
  await expect.poll(() => told('onboardingReview')).toHaveLength(1);
  expect(told('onboardingReview')[0]).toContain(
    'max: The onboarding of nina waits for your review.\nFirst days: check',
  );
  const max = emulator.user('max');
  valueOf(await give(id, 'review', max, { step: 'check', decision: 'deny', comment: 'No' }));
  await expect
    .poll(() => told('onboardingIncident'))
    .toEqual([
      expect.stringContaining(
        'olga: The onboarding of nina is stuck, and an operator has to act.\nFirst days: check: REVIEW_DENIED',
      ),
    ]);
  valueOf(await give(id, 'skip', emulator.user('ada'), { step: 'check', reason: 'known' }));
  await expect
    .poll(() => told('onboardingEnded'))
    .toEqual([
      'mona: The onboarding of nina has ended.\nFirst days: completed',
      'nina: Your onboarding has ended.\nFirst days: completed',
    ]);
  expect(told('onboardingIncident')).toHaveLength(1);
});

test('who waits for a request of an onboarding is reminded of it', async () => {
  const member = await emulator.newUser('nora');
  const watching = { id: 'watch', title: 'Watching', kind: 'join', type: 'HIDDEN', remind: ['1s'] };
  const { id } = await started([{ ...watching, channelArn: emulator.channel('board') }], { member });
  await expect
    .poll(() => told('onboardingWaits'))
    .toEqual([
      expect.stringMatching(/^mona: The onboarding of .* still waits for a request to be decided\.\n.*Watching/),
      expect.stringMatching(/^nora: Your onboarding still waits for a request to be decided\.\n.*Watching/),
    ]);
  valueOf(await give(id, 'cancel', emulator.user('ada'), { reason: 'enough', compensate: false }));
});
