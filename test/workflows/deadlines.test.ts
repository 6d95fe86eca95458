import type { temporal } from '@temporalio/proto';
import { defaultPayloadConverter } from '@temporalio/common';
import { expect, test } from 'vitest';
import type { NotificationEvent } from '../../src/domain/notification.ts';
import type { RequirementInput } from '../../src/schemas/requirement.ts';
import { chat, configFolder, SECRET } from '../notifications/config-folder.ts';
import { valueOf } from '../support/admission.ts';
import { policySet } from './support-policies.ts';
import { PATIENCE, startScene } from './support.ts';

// A request expires after 30 days; what it waits for now ends after minutes. That is what everybody is to be told.

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const [moderators, admins] = [{ roles: ['channel_moderator'] }, { roles: ['app_instance_admin'] }];
const one = { anyOf: [{ approve: 1 }] };
const REQUIRED: Readonly<Record<string, RequirementInput>> = {
  stage: { stages: [{ approvers: moderators, ...one, dueIn: '10m', timedActions: [{ at: '5m', do: 'remind' }] }] },
  silence: { stages: [{ approvers: moderators, ...one, timedActions: [{ at: '10m', do: 'deny' }] }] },
  'more time': {
    stages: [{ approvers: moderators, ...one, dueIn: '6m', timedActions: [{ at: '3m', do: 'extend', by: '4m' }] }],
  },
  reminded: { stages: [{ approvers: moderators, ...one, timedActions: [{ at: '1s', do: 'remind' }] }] },
};
const policies = policySet(
  [
    'people',
    ({ reason = '' }) => {
      const requirement = REQUIRED[reason];
      return requirement ? { verdict: 'requireApproval', requirement } : { verdict: 'notApplicable', because: 'no' };
    },
  ],
  [
    'admins',
    ({ reason }) =>
      reason === 'reminded'
        ? { verdict: 'requireApproval', requirement: { approvers: admins, approve: 1 } }
        : { verdict: 'notApplicable', because: 'no' },
  ],
  [
    'question',
    ({ reason }) =>
      reason === 'question'
        ? { verdict: 'requireInput', schema: { type: 'object' }, prompt: 'Why?', expiresIn: '10m' }
        : { verdict: 'notApplicable', because: 'no' },
  ],
  [
    'later',
    ({ reason }, { requestedAt }) =>
      reason === 'deferral'
        ? {
            verdict: 'defer',
            until: new Date(requestedAt.getTime() + 10 * MINUTE).toISOString(),
            giveUpAfter: '1d',
            because: 'cooling off',
          }
        : { verdict: 'notApplicable', because: 'no' },
  ],
);
const file = await configFolder({ apiVersion: 'admission/v1', channels: [chat('http://127.0.0.1:9')] });
const scene = await startScene({ ADMISSION_NOTIFICATIONS: file, CHAT_SECRET: SECRET }, policies);
const { client, emulator, service } = scene;

async function asked(reason: string) {
  const channelArn = await scene.newChannel('PUBLIC', ['mona', 'max']);
  const { id } = valueOf(await service.join({ channelArn, memberArn: await scene.newcomer(), reason }));
  return { id, channelArn, view: valueOf(await service.show(id)) };
}

/** What people were to be told so far. */
async function toldOf(id: string): Promise<NotificationEvent[]> {
  type Event = temporal.api.history.v1.IHistoryEvent;
  return (await scene.history(id)).flatMap(
    ({ startChildWorkflowExecutionInitiatedEventAttributes: started }: Event) => {
      const [payload] = started?.input?.payloads ?? [];
      return payload ? [defaultPayloadConverter.fromPayload<NotificationEvent>(payload)] : [];
    },
  );
}

const WAITS = [
  ['stage', 'pending', 'people: overdue. The request expires.'],
  ['silence', 'pending', 'people: denied, since nobody decided in time. The request is denied.'],
  ['more time', 'pending', 'people: overdue. The request expires.'],
  ['question', 'inputNeeded', 'question: the request expires, if it is not answered.'],
  ['deferral', undefined, 'The policies are asked again.'],
] as const;

test.each(WAITS)(
  'a %s that ends in minutes is when the request is due, wherever it is shown',
  async (reason, kind, what) => {
    const { id, channelArn, view } = await asked(reason);
    const { deadline, requestedAt, expiresAt = '' } = view;
    const at = deadline?.at ?? '';
    expect(deadline).toEqual({ at: expect.any(String) as string, what });
    const minutes = (Date.parse(at) - Date.parse(requestedAt)) / MINUTE;
    expect([minutes >= 10, minutes < 11]).toEqual([true, true]);
    // When the whole request expires is a time of its own.
    expect(Date.parse(expiresAt) - Date.parse(requestedAt)).toBeGreaterThanOrEqual(30 * DAY);

    const { typedSearchAttributes } = await client.workflow.getHandle(id).describe();
    const shown = typedSearchAttributes.getAll().find(({ key }) => key.name === 'AdmissionDueAt')?.value as Date;
    expect(shown.toISOString()).toBe(at);
    const list = async () => valueOf(await service.list({ channelArn, limit: 10 })).map(({ dueAt }) => dueAt);
    await expect.poll(list, PATIENCE).toEqual([at]);
    const events = await toldOf(id);
    expect(events.map((event) => [event.kind, event.dueAt])).toEqual(kind ? [[kind, at]] : []);
  },
);

test('a reminder goes to whoever may act in the stage that it is about, and names when that ends', async () => {
  const { id } = await asked('reminded');
  const reminders = async () => (await toldOf(id)).filter(({ kind }) => kind === 'remind');
  await expect.poll(async () => (await reminders()).length, PATIENCE).toBe(1);
  const [reminder] = await reminders();
  const [mona, max] = [emulator.user('mona'), emulator.user('max')];
  expect(reminder?.approvers.toSorted()).toEqual([max, mona].toSorted());
  // Of the whole request everybody hears who may act.
  const [pending] = await toldOf(id);
  expect(pending?.approvers).toContain(emulator.user('ada'));
});
