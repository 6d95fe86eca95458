import { describe, expect, test } from 'vitest';
import { ONBOARDING_COMMAND_NAMES, START_ONBOARDING } from '../../src/domain/onboarding/commands.ts';
import { CHILD_PROGRESS } from '../../src/domain/onboarding/messages.ts';
import { valueOf } from '../support/admission.ts';
import { ANYTHING, failedTasks, failureOf } from '../workflows/support.ts';
import { startOnboardings } from './scene.ts';

const scene = await startOnboardings();
const { emulator, client, onboarding, give, reaches } = scene;
const ada = emulator.user('ada');

const actor = { principal: 'arn:someone' };
const operator = [
  { actor, step: 'form' },
  { actor, step: 'form', reason: ' ' },
  { actor, step: 1, reason: 'so' },
  { actor: 'ada', step: 'form', reason: 'so' },
];
const NONSENSE: Record<string, unknown[]> = {
  submitInput: [
    { actor, step: 'form', answers: [] },
    { actor, step: 'form', answers: null },
    { actor, step: '__proto__', answers: {} },
  ],
  review: [
    { actor, step: 'form', decision: 'maybe' },
    { actor, step: 'form', decision: 'comment' },
    { actor, step: 'form', decision: 'approve', reviewId: '' },
    { actor: { ...actor, assertion: 1 }, step: 'form', decision: 'approve' },
  ],
  skip: operator,
  retryStep: operator,
  pause: [{ actor }, { actor, reason: '' }],
  resume: [{ actor }, { actor, reason: 'x'.repeat(1025) }],
  cancel: [
    { actor, reason: 'so' },
    { actor, reason: 'so', compensate: 'no' },
  ],
  [START_ONBOARDING]: [{ flow: {}, member: 'x', requestedBy: 'y' }, { flow: { steps: 1 } }],
};

describe('nonsense leaves an onboarding alive', async () => {
  const { id } = await scene.started([
    { id: 'form', kind: 'input', prompt: 'Role?', schema: { type: 'object' } },
    { id: 'welcome', kind: 'join', channelArn: emulator.channel('lobby') },
  ]);
  await reaches(id, { steps: [{ status: 'now' }, {}] });
  const handle = client.workflow.getHandle(id);

  test.each([...ONBOARDING_COMMAND_NAMES, START_ONBOARDING])(
    'when %s gets it: refused with code, text, field and what is accepted',
    async (name) => {
      for (const payload of [...ANYTHING, ...(NONSENSE[name] ?? [])]) {
        const { type, message, details } = await failureOf(handle.executeUpdate(name, { args: [payload] }));
        expect({ payload, type, details }).toEqual({
          payload,
          type: name === START_ONBOARDING ? 'InvalidRequest' : 'InvalidCommand',
          details: [expect.objectContaining({ field: expect.any(String), accepted: expect.any(String) })],
        });
        expect(message).not.toMatch(/internal|TypeError/);
      }
      expect((await failureOf(handle.executeUpdate(name))).type).toMatch(/^Invalid/);
    },
  );

  test('as a signal: ignored', async () => {
    for (const payload of ANYTHING) await handle.signal(CHILD_PROGRESS, payload);
    await handle.signal(CHILD_PROGRESS);
    expect((await scene.show(id)).state).toBe('running');
  });

  test('so that it can be paused, and goes on to its end, afterwards', async () => {
    for (const name of ['pause', 'resume'] as const) valueOf(await give(id, name, ada, { reason: 'a test' }));
    valueOf(await give(id, 'skip', ada, { step: 'form', reason: 'a test' }));
    expect(valueOf(await onboarding.wait(id)).outcome).toBe('completed');
    const { events } = await handle.fetchHistory();
    // Nothing but the start and these three ever got past a validator.
    const accepted = (events ?? []).filter((event) => event.workflowExecutionUpdateAcceptedEventAttributes);
    expect([failedTasks(events ?? []), accepted.length]).toEqual([0, 4]);
  });
});
