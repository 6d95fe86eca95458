import { temporal } from '@temporalio/proto';
import { expect, test, vi } from 'vitest';
import { createAdmissionService } from '../../src/service/admission-service.ts';
import { createOnboardingService } from '../../src/service/onboarding.ts';
import { fairnessKey } from '../../src/domain/fairness.ts';
import { fairnessSalt, partyHash } from '../../src/workflow-id.ts';
import { chat, configFolder, SECRET } from '../notifications/config-folder.ts';
import { onboardingsOf } from '../onboarding/scene.ts';
import { errorOf, valueOf } from '../support/admission.ts';
import { PATIENCE, startScene } from './support.ts';

const KEY = 'a key of a deployment that nobody else knows';
const scene = await startScene({
  ADMISSION_ID_KEY: KEY,
  ADMISSION_NOTIFICATIONS: await configFolder({
    apiVersion: 'admission/v1',
    channels: [chat()],
    retry: { initialInterval: '50ms', maximumInterval: '100ms', scheduleToClose: '1s' },
  }),
  CHAT_SECRET: SECRET,
});
const { client, emulator, service, taskQueue } = scene;
const onboardings = await onboardingsOf(scene);
const [lobby, board] = [emulator.channel('lobby'), emulator.channel('board')];
const [ada, mona, max] = [emulator.user('ada'), emulator.user('mona'), emulator.user('max')];
const others = { client, taskQueue, bearers: [emulator.bearer] };

/** Everything of the people in this file, with which nobody could be found who is not looked for. */
const NAMES = /user\/|zelda|\bmona\b|\bada\b|\bmax\b/gi;

interface Read {
  readonly ids: string[];
  readonly shown: string;
}

/** What Temporal tells of every workflow here to who may see lists and events, but not what goes in and out. */
async function everythingShown(): Promise<Read> {
  const ids: string[] = [];
  const shown: unknown[] = [];
  for await (const info of client.workflow.list({ query: `TaskQueue = '${taskQueue}'` })) {
    const handle = client.workflow.getHandle(info.workflowId, info.runId);
    const { raw } = await handle.describe();
    const { events } = await handle.fetchHistory();
    ids.push(info.workflowId);
    const proto = temporal.api.workflowservice.v1.DescribeWorkflowExecutionResponse;
    shown.push(proto.toObject(proto.fromObject(raw)));
    shown.push(temporal.api.history.v1.History.toObject(temporal.api.history.v1.History.fromObject({ events })));
  }
  return { ids, shown: JSON.stringify(shown, asShown) };
}

/** Inputs and results are for who may read histories; attributes, memos and labels are told to all. */
function asShown(_name: string, value: unknown): unknown {
  const { data, payloads } = (value ?? {}) as { data?: unknown; payloads?: unknown };
  if (payloads !== undefined) return undefined;
  return data instanceof Uint8Array ? Buffer.from(data).toString() : value;
}

test('with a key, nothing that Temporal shows beside inputs and results names anybody', async () => {
  const zelda = await emulator.newUser('zelda-1');
  const [second, third, fourth] = await Promise.all(
    ['zelda-2', 'zelda-3', 'zelda-4'].map((id) => emulator.newUser(id)),
  );
  const joined = await scene.joined({ channelArn: lobby, memberArn: zelda, chimeBearer: zelda });
  const self = await scene.pending({ channelArn: board, memberArn: second, reason: 'zelda-2 works here', term: '2h' });
  const hidden = await scene.pending({ channelArn: lobby, memberArn: third, requestedBy: mona, type: 'HIDDEN' });
  valueOf(await service.review(self, { actor: { principal: mona }, decision: 'comment', comment: 'zelda?' }));
  for (const id of [self, hidden]) {
    valueOf(await service.review(id, { actor: { principal: max }, decision: 'approve' }));
  }
  expect(valueOf(await service.wait(hidden)).outcome).toBe('joined');
  await vi.waitFor(async () => expect(valueOf(await service.show(self)).state).toBe('active'), PATIENCE);
  const { id } = await onboardings.started(
    [
      { id: 'first', kind: 'join', channelArn: lobby },
      { id: 'hello', kind: 'message', channelArn: lobby, text: 'hello {{member.name}}' },
      {
        id: 'agree',
        kind: 'approval',
        channelArn: board,
        requirement: { approvers: { roles: ['channel_moderator'] }, approve: 1 },
      },
      { id: 'hide', kind: 'join', channelArn: board, type: 'HIDDEN' },
    ],
    { member: fourth ?? '' },
  );
  await onboardings.reaches(id, { steps: [{}, {}, { status: 'now' }, {}] });
  expect(joined.outcome).toBe('joined');
  await onboardings.give(id, 'review', mona, { step: 'agree', decision: 'comment', comment: 'zelda?' });
  valueOf(await service.give(self, 'revoke', { actor: { principal: ada }, reason: 'zelda left' }));
  await vi.waitFor(async () => expect(await kindsOf()).toEqual(['join', 'notify', 'onboard']), PATIENCE);
  const { shown } = await everythingShown();
  const found = [...shown.matchAll(NAMES)].map(({ index }) => shown.slice(index - 160, index + 80));
  expect(found).toEqual([]);
  // Neither can anybody compute it who knows the ARNs.
  const people = [zelda, second, third, fourth, mona].map(String);
  const computable = [...people, max, emulator.bearer].flatMap((arn) => [partyHash(arn), fairnessKey(arn)]);
  expect(computable.filter((hash) => shown.includes(hash))).toEqual([]);
  expect(people.filter((arn) => !shown.includes(partyHash(arn, KEY)))).toEqual([]);
  expect(shown).toContain(fairnessKey(mona, fairnessSalt(KEY)));
});

async function kindsOf(): Promise<string[]> {
  const { ids } = await everythingShown();
  return [...new Set(ids.map((one) => one.split(':')[0] ?? ''))].toSorted();
}

test('a request that becomes HIDDEN is found by its member no more, with the key either', async () => {
  const memberArn = await emulator.newUser('zelda-5');
  const id = await scene.pending({ channelArn: board, memberArn });
  const found = async () => valueOf(await service.list({ memberArn, limit: 10 })).map((line) => line.id);
  await expect.poll(found, PATIENCE).toEqual([id]);
  valueOf(await service.give(id, 'amend', { actor: { principal: memberArn }, changes: { type: 'HIDDEN' } }));
  await expect.poll(found, PATIENCE).toEqual([]);
  const { shown } = await everythingShown();
  expect(shown).not.toMatch(NAMES);
});

test.each([
  ['without a key', undefined],
  ['with another key', 'a key of another deployment, also long'],
])('who asks %s is refused by name, and lists nobody', async (_how, idKey) => {
  const memberArn = await emulator.newUser(`zelda-${idKey?.length ?? 0}`);
  const request = { channelArn: board, memberArn };
  const other = createAdmissionService({ ...others, idKey });
  const message = expect.stringContaining('ADMISSION_ID_KEY') as unknown;
  const error = { type: 'InvalidRequest', field: 'id', message };
  expect(valueOf(await other.join(request))).toMatchObject({ outcome: 'failed', error });
  await scene.pending(request);
  await expect.poll(async () => valueOf(await service.list({ memberArn, limit: 10 })).length, PATIENCE).toBe(1);
  expect(valueOf(await other.list({ memberArn, limit: 10 }))).toEqual([]);
  const flow = scene.flows.add({ apiVersion: 'onboarding/v1', name: 'other-key', steps: [STEP] });
  const started = await createOnboardingService({ ...others, idKey }).start({
    flow,
    member: memberArn,
    requestedBy: mona,
  });
  expect(errorOf(started)).toMatchObject({ code: 'InvalidRequest' });
});

const STEP = { id: 'first', kind: 'join', channelArn: lobby };
