import { randomUUID } from 'node:crypto';
import { defineSearchAttributeKey } from '@temporalio/common';
import { expect, test, vi } from 'vitest';
import { approval } from '../../src/policies/approval.ts';
import { bind } from '../../src/policies/binding.ts';
import { coolingOff } from '../../src/policies/cooling-off.ts';
import { createPolicySet } from '../../src/policies/policy-set.ts';
import { describeView } from '../../src/cli/describe/request.ts';
import { partyHash } from '../../src/workflow-id.ts';
import { valueOf } from '../support/admission.ts';
import { PATIENCE, startScene } from './support.ts';

const policies = createPolicySet([
  bind(coolingOff, { afterDenial: '7d', oneOpenRequest: true }),
  bind(approval, { approve: 1 }),
]);
const scene = await startScene({}, policies);
const { emulator, service } = scene;
const board = emulator.channel('board');
const mona = { actor: { principal: emulator.user('mona') } };

async function ask(memberArn: string, requestedBy = memberArn, more: object = {}) {
  const result = await service.join({ channelArn: board, memberArn, requestedBy, ...more });
  const id = result.ok ? result.value.id : String(result.error.id);
  return vi.waitFor(async () => {
    const view = valueOf(await service.show(id));
    expect(view.state).not.toBe('evaluating');
    return view;
  }, PATIENCE);
}

const LOST = { outcome: 'denied', reason: { code: 'OTHER_REQUEST_OPEN', visibility: 'opaque' } };

test('who was denied is not asked for again, whoever asks', async () => {
  const memberArn = await scene.newcomer();
  const { id } = await ask(memberArn);
  valueOf(await service.review(id, { ...mona, decision: 'deny' }));
  valueOf(await service.wait(id));
  expect(await ask(memberArn)).toMatchObject({ outcome: 'denied', reason: { code: 'COOLING_OFF_AFTER_DENIAL' } });
  const other = await ask(memberArn, emulator.user('max'));
  expect(other).toMatchObject({
    outcome: 'denied',
    reason: { code: 'COOLING_OFF_AFTER_DENIAL', visibility: 'opaque' },
    facts: { history: { source: expect.stringMatching(/^visibility/), value: { denied: 1, open: 0 } } },
  });
  expect(JSON.stringify(other.facts?.history)).not.toContain(memberArn);
});

test('of two who ask at once exactly the later one loses, also where one is HIDDEN', async () => {
  const memberArn = await scene.newcomer();
  const views = await Promise.all([
    ask(memberArn),
    ask(memberArn, emulator.user('max'), { type: 'HIDDEN' }),
    ask(memberArn, emulator.user('ada')),
  ]);
  const order = views.toSorted((a, b) => a.requestedAt.localeCompare(b.requestedAt) || (a.id < b.id ? -1 : 1));
  const [first, ...later] = order;
  expect(first).toMatchObject({ state: 'pending', outcome: null });
  for (const view of later) expect(view).toMatchObject(LOST);
});

test('reviewers see what else was asked for the same member', async () => {
  const { service: plain } = await scene.otherSystem(
    {},
    { policies: createPolicySet([bind(approval, { approve: 1 })]) },
  );
  const memberArn = await scene.newcomer();
  const join = async (requestedBy: string) =>
    valueOf(await plain.join({ channelArn: board, memberArn, requestedBy })).id;
  const denied = await join(emulator.user('max'));
  valueOf(await plain.review(denied, { ...mona, decision: 'deny' }));
  await join(emulator.user('ada'));
  const listed = () => plain.list({ channelArn: board, memberArn, limit: 10 });
  await vi.waitFor(async () => {
    const states = valueOf(await listed()).map(({ state, outcome }) => outcome ?? state);
    expect(states.toSorted()).toEqual(['denied', 'pending']);
  }, PATIENCE);
  const id = await join(memberArn);
  const view = valueOf(await plain.show(id));
  expect(view.facts?.history?.value).toMatchObject({ open: 1, openBefore: 1, denied: 1 });
  expect(describeView({ ...view, uiUrl: null }).join('\n')).toMatch(/beware .*1 open; 1 denied, the last at 20/);
  const details = (await scene.client.workflow.getHandle(id).describe()).raw;
  expect(JSON.stringify(await scene.client.workflow.getHandle(id).query('__temporal_workflow_metadata'))).toContain(
    'Beware',
  );
  expect(details).toBeTruthy();
});

/** A start on our own queue that says whatever its starter likes, and that no worker ever sees. */
async function plant(memberArn: string, said: Readonly<Record<string, string>>) {
  return scene.client.workflow.start('joinChannel', {
    workflowId: `planted-${randomUUID()}`,
    taskQueue: scene.taskQueue,
    args: [{}],
    startDelay: '365d',
    memo: { admission: { requestedAt: '2020-01-01T00:00:00.000Z' } },
    typedSearchAttributes: [
      { key: defineSearchAttributeKey('AdmissionChannel', 'KEYWORD'), value: board },
      { key: defineSearchAttributeKey('AdmissionParties', 'KEYWORD_LIST'), value: [`m:${partyHash(memberArn)}`] },
      ...Object.entries(said).map(([name, value]) => ({ key: defineSearchAttributeKey(name, 'KEYWORD'), value })),
    ],
  });
}

test('what strangers write about requests that never began counts for nothing', async () => {
  const memberArn = await scene.newcomer();
  await plant(memberArn, { AdmissionState: 'pending' });
  const closed = await plant(memberArn, {
    AdmissionState: 'closed',
    AdmissionOutcome: 'denied',
    AdmissionCode: 'REVIEW_DENIED',
  });
  await closed.terminate();
  await vi.waitFor(async () => {
    const { count } = await scene.client.workflow.count(`AdmissionParties = 'm:${partyHash(memberArn)}'`);
    expect(count).toBe(2);
  }, PATIENCE);
  expect(await ask(memberArn)).toMatchObject({
    state: 'pending',
    facts: { history: { value: { open: 0, denied: 0, requests: [] } } },
  });
});
