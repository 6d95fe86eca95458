import { expect, test } from 'vitest';
import { bind } from '../../src/policies/binding.ts';
import { coolingOff } from '../../src/policies/cooling-off.ts';
import { createPolicySet, embeddedPolicySet } from '../../src/policies/policy-set.ts';
import { valueOf } from '../support/admission.ts';
import { DAY, HOUR, MINUTE, timeSkipping } from './time-skipping.ts';

const time = timeSkipping();

test('a cooling-off period of a day: policies are asked again when it is over, and once', async () => {
  const { emulator, client } = time.admission;
  const policies = createPolicySet([...embeddedPolicySet().bindings, bind(coolingOff, { wait: '24h' })]);
  const service = await time.otherSystem({}, policies);
  const request = { channelArn: emulator.channel('lobby'), memberArn: emulator.user('alice') };
  const { id, waitsFor, deferredUntil = '' } = valueOf(await service.join(request));
  expect(waitsFor).toBe('time');
  await time.sleep(DAY - HOUR);
  expect(valueOf(await service.show(id))).toMatchObject({ state: 'pending', waitsFor: 'time', deferredUntil });
  await time.sleep(HOUR + MINUTE);
  const { outcome, closedAt = '' } = valueOf(await service.wait(id));
  expect(outcome).toBe('joined');
  expect(Date.parse(closedAt) - Date.parse(deferredUntil)).toBeLessThan(MINUTE);
  const { events = [] } = await client.workflow.getHandle(id).fetchHistory();
  expect(events?.filter((event) => event.timerStartedEventAttributes)).toHaveLength(1);
});
