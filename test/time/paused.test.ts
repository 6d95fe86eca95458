import { expect, test } from 'vitest';
import { z } from 'zod';
import { bind } from '../../src/policies/binding.ts';
import { createPolicySet } from '../../src/policies/policy-set.ts';
import { definePolicy } from '../../src/policies/policy.ts';
import { requireApproval, requireInput } from '../../src/policies/verdicts.ts';
import { valueOf } from '../support/admission.ts';
import { DAY, MINUTE, timeSkipping } from './time-skipping.ts';

const time = timeSkipping();

/** Silence is consent after a day; whoever is asked about again answers something first. */
const silentAfterAnswers = createPolicySet([
  bind(
    definePolicy({
      id: 'asks-late',
      version: '1.0.0',
      title: 'asks late',
      params: z.unknown(),
      facts: [],
      kind: 'pure',
      evaluate(_request, { now, requestedAt, answers }) {
        if (!answers && now.getTime() - requestedAt.getTime() > MINUTE) {
          return requireInput({ type: 'object' }, 'Why?', '7d');
        }
        const approvers = { roles: ['channel_moderator'] };
        const timedActions = [{ at: '1d', do: 'approve' as const }];
        return requireApproval({ stages: [{ approvers, anyOf: [{ approve: 1 }], timedActions }] });
      },
    }),
  ),
]);

test('while the requester is asked, the silence of people who cannot review is no consent', async () => {
  const { emulator } = time.admission;
  const memberArn = emulator.user('alice');
  const service = await time.otherSystem({}, silentAfterAnswers);
  const { id } = valueOf(await service.join({ channelArn: emulator.channel('lobby'), memberArn }));
  await time.sleep(2 * MINUTE);
  valueOf(await service.give(id, 'reevaluate', { changed: ['facts'] }));
  await time.sleep(3 * DAY);
  expect(valueOf(await service.show(id))).toMatchObject({ state: 'pending', waitsFor: 'input' });
  const answers = { why: 'so' };
  valueOf(await service.give(id, 'submitInput', { actor: { principal: memberArn }, binding: 'asks-late', answers }));
  await time.sleep(DAY - MINUTE);
  expect(valueOf(await service.show(id))).toMatchObject({ state: 'pending', waitsFor: 'people' });
  await time.sleep(2 * MINUTE);
  expect(valueOf(await service.wait(id))).toMatchObject({ outcome: 'joined' });
});
