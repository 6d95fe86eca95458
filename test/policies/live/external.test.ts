import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { bind } from '../../../src/policies/binding.ts';
import type { PolicyBinding } from '../../../src/policies/binding.ts';
import { createPolicySet, embeddedPolicySet } from '../../../src/policies/policy-set.ts';
import { definePolicy } from '../../../src/policies/policy.ts';
import { allow, deny } from '../../../src/policies/verdicts.ts';
import type { Policy } from '../../../src/policies/policy.ts';
import { startAdmission, valueOf } from '../../support/admission.ts';
import type { TestAdmission } from '../../support/admission.ts';
import { replayFailures } from '../../time/replay.ts';

/** Asked in an activity of its own; the reason of the request says what it does. */
const asked: Record<string, number> = {};
const questions: Record<string, (string | undefined)[]> = {};
const service: Policy = definePolicy({
  id: 'service',
  version: '1.0.0',
  title: 'asks somebody else',
  params: z.strictObject({}),
  facts: ['requester.role'],
  kind: 'external',
  async evaluate({ reason = '', memberArn }, { facts, signal, questionId }) {
    (questions[memberArn] ??= []).push(questionId);
    const times = (asked[memberArn] = (asked[memberArn] ?? 0) + 1);
    switch (reason) {
      case 'deny':
        return deny('SAID_NO', `the service says no to an ${facts['requester.role']}`);
      case 'twice':
        if (times < 3) throw new Error('not now');
        return allow();
      case 'throw':
        throw new Error('out of order');
      case 'hang':
        return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('given up'))));
      default:
        return allow();
    }
  },
});

const retry = { initialMs: 20, maximumMs: 50, maximumAttempts: 3, forMs: 20_000 };
const binding = (name: string, options: Partial<PolicyBinding> = {}) =>
  bind(service, {}, { name, timeoutMs: 300, retry, ...options });

const { bindings } = embeddedPolicySet();
let admission: TestAdmission;
beforeAll(async () => {
  admission = await startAdmission({}, { policySet: createPolicySet([...bindings, binding('on-call')]) });
});
afterAll(() => admission.close());

async function join(member: string, reason?: string) {
  const { emulator } = admission;
  const request = {
    channelArn: emulator.channel('lobby'),
    memberArn: emulator.user(member),
    ...(reason ? { reason } : {}),
  };
  const answer = valueOf(await admission.service.join(request));
  const view = valueOf(await admission.service.show(answer.id));
  return { answer, view, decision: view.decisions.find(({ binding: name }) => name === 'on-call') };
}

describe('an external policy', () => {
  test('has an activity of its own, with a summary, and its verdict counts', async () => {
    const { answer, decision } = await join('alice');
    expect(answer.outcome).toBe('joined');
    expect(decision).toMatchObject({ policy: 'service', evaluation: 'allow', action: 'admit' });
    const { events } = await admission.client.workflow.getHandle(answer.id).fetchHistory();
    const types = events
      ?.map((event) => event.activityTaskScheduledEventAttributes?.activityType?.name)
      .filter(Boolean);
    expect(types).toEqual(['policy:on-call', 'concludeAdmission', 'createChannelMembership']);
    expect(await replayFailures(admission.client, [answer])).toEqual({});
  });

  test('denies with the facts that it declares', async () => {
    const { answer } = await join('carol', 'deny');
    expect(answer).toMatchObject({
      outcome: 'denied',
      reason: { code: 'SAID_NO', message: expect.stringContaining('outsider') },
    });
  });

  test('is asked again as its binding says, and then counts as an error, which denies', async () => {
    expect((await join('dave', 'twice')).answer.outcome).toBe('joined');
    const daves = admission.emulator.user('dave');
    expect(asked[daves]).toBe(3);
    // Every attempt is the same question.
    const [question = ''] = questions[daves] ?? [];
    expect(questions[daves]).toEqual([question, question, question]);
    expect(question).toMatch(/^[\da-f-]{36}:\w+$/);
    const { answer, decision } = await join('erin', 'throw');
    expect(asked[admission.emulator.user('erin')]).toBe(3);
    expect(questions[admission.emulator.user('erin')]).not.toContain(question);
    // An error may say anything: operators read it.
    expect(answer).toMatchObject({ outcome: 'denied', reason: { code: 'NOT_ADMITTED' } });
    expect(decision?.code).toBe('POLICY_ERROR');
    expect(decision).toMatchObject({
      evaluation: 'error',
      action: 'deny',
      message: expect.stringContaining('out of order'),
    });
  });

  test('that never answers is given up', async () => {
    const { decision } = await join('frank', 'hang');
    expect(decision).toMatchObject({ evaluation: 'error', message: expect.stringContaining('300 ms') });
  });
});

test('a request whose external policy hangs can be withdrawn meanwhile', async () => {
  const patient = binding('on-call', { timeoutMs: 60_000, retry: { ...retry, forMs: 300_000 } });
  const own = await startAdmission({}, { policySet: createPolicySet([...bindings, patient]) });
  try {
    const memberArn = own.emulator.user('alice');
    const answer = valueOf(
      await own.service.join({ channelArn: own.emulator.channel('lobby'), memberArn, reason: 'hang' }),
    );
    expect(answer.state).toBe('evaluating');
    const result = valueOf(await own.service.withdraw(answer.id, { actor: { principal: memberArn } }));
    expect(result.outcome).toBe('withdrawn');
    expect(valueOf(await own.service.wait(answer.id)).outcome).toBe('withdrawn');
    expect(await replayFailures(own.client, [answer])).toEqual({});
  } finally {
    await own.close();
  }
});
