import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as path } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { digestOf } from '../../src/identity/digest.ts';
import { createSigner } from '../../src/identity/signer.ts';
import { bind } from '../../src/policies/binding.ts';
import { definePolicy } from '../../src/policies/policy.ts';
import { createPolicySet } from '../../src/policies/policy-set.ts';
import { allow } from '../../src/policies/verdicts.ts';
import { createOnboardingService } from '../../src/service/onboarding.ts';
import type { OnboardingService } from '../../src/service/onboarding.ts';
import { onboardingId } from '../../src/workflow-id.ts';
import { startSignedAdmission } from '../identity/signed-admission.ts';
import { errorOf, valueOf } from '../support/admission.ts';
import { startSmtpServer } from '../support/smtp-server.ts';
import { PATIENCE } from './scene.ts';

const people = definePolicy({
  id: 'people',
  version: '1.0.0',
  title: 'Who works where',
  params: z.strictObject({}),
  facts: [],
  provides: {
    'hr.people': {
      source: 'a list',
      ttlMs: 0,
      read: ({ channelArn }) => [channelArn.replace(/channel.*/, 'user/erin')],
    },
  },
  kind: 'pure',
  evaluate: () => allow(),
});

const sink = await startSmtpServer();
const folder = await mkdtemp(path(tmpdir(), 'who-starts-'));
const file = path(folder, 'notifications.yaml');
const config = {
  apiVersion: 'admission/v1',
  channels: [
    {
      name: 'mail',
      use: 'email',
      params: { smtp: sink.url, from: 'admission@example.com', addressesFrom: 'people.yaml' },
    },
  ],
  rules: [
    { when: ['onboardingInput', 'onboardingReview', 'onboardingEnded'], to: ['member', 'approvers'], by: 'mail' },
  ],
};
const addresses = path(folder, 'people.yaml');
await Promise.all([writeFile(file, JSON.stringify(config)), writeFile(addresses, '{}')]);
// No worker believes anybody here without a proof, and everybody has a key of their own.
const at = await startSignedAdmission(createPolicySet([bind(people)]), { env: { ADMISSION_NOTIFICATIONS: file } });
afterAll(async () => {
  await at.close();
  await sink.close();
  await rm(folder, { recursive: true });
});
const { emulator, client, taskQueue, user, flows } = at;
const names = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'mona', 'max', 'ada'];
await writeFile(
  addresses,
  JSON.stringify(Object.fromEntries(names.map((name) => [user(name), `${name}@example.com`]))),
);
const options = { client, taskQueue, bearers: [emulator.bearer] };
const [lobby, board] = [emulator.channel('lobby'), emulator.channel('board')];
const join = { id: 'in', kind: 'join', channelArn: lobby };
const form = { id: 'form', kind: 'input', prompt: 'Which role?', schema: { type: 'object' } };
const flowOf = (name: string, steps: readonly object[] = [form, join], more: object = {}) => {
  return { apiVersion: 'onboarding/v1', name, steps, ...more };
};

const signers = new Map<string, ReturnType<typeof createSigner>>();
async function signerOf(name: string) {
  const known = signers.get(name) ?? createSigner((await at.personal(name)).privateKey);
  signers.set(name, known);
  return known;
}

async function serviceOf(name: string): Promise<OnboardingService> {
  return createOnboardingService({ ...options, sign: await signerOf(name) });
}

/** Starts an onboarding with a personal key, for oneself unless something else is said. */
async function start(as: string, flow: unknown, more: { member?: string; params?: object } = {}) {
  return (await serviceOf(as)).start({ flow, member: user(as), requestedBy: user(as), ...more });
}

const chain = (length: number) => `["${'a'.repeat(100)}"]${'.map(x, x + x)'.repeat(length)}`;
const HOSTILE: Record<string, object> = {
  'an expression that grows without end': flowOf('cel', [
    {
      id: 'a',
      kind: 'approval',
      channelArn: board,
      requirement: { approvers: { expression: `${chain(22)}.exists(x, x.size() > 5)` }, approve: 1 },
    },
  ]),
  'a pattern that never ends': flowOf('redos', [
    { ...form, schema: { type: 'object', properties: { x: { type: 'string', pattern: '^(a+)+$' } } } },
    join,
  ]),
  'a text that goes out as ours': flowOf('it-security', [{ ...form, title: '(Helpdesk)' }, join], {
    title: 'IT SECURITY: your password expires today, sign in at https://evil.example',
  }),
  'a wait of ten years': flowOf('employee-30-days', [{ id: 'w', kind: 'wait', for: '3650d' }, join]),
  'what is no flow at all': { name: 'employee-30-days', __proto: { steps: 1 } },
  nothing: {},
};

describe('a flow that somebody brings along', () => {
  test.each(Object.entries(HOSTILE))(
    'who is no admin is refused at once with %s, before anything of it is read',
    async (_, flow) => {
      for (const [as, more] of [
        ['alice', {}],
        ['alice', { member: user('bob') }],
        ['mona', { member: user('bob') }],
      ] as const) {
        const error = errorOf(await start(as, flow, more));
        expect(error).toMatchObject({ code: 'FlowNotAllowed', field: 'flow' });
        // It has ended: nothing of it waits, and its id is free.
        const { status, memo } = await client.workflow.getHandle(error.id ?? '').describe();
        expect([status.name, memo?.['onboarding']]).toMatchObject(['FAILED', { flow: 'unnamed', step: null }]);
        expect(JSON.stringify(memo)).not.toMatch(/SECURITY/);
      }
    },
  );

  test('is taken of an admin of the app instance, with its digest', async () => {
    const flow = flowOf('brought');
    const { id } = valueOf(await start('ada', flow, { member: user('frank') }));
    const shown = valueOf(await (await serviceOf('ada')).show(id));
    expect(shown).toMatchObject({
      state: 'running',
      flowDigest: digestOf(flow),
      requesterVerified: true,
      flow: { name: 'brought' },
    });
    expect(errorOf(await start('ada', HOSTILE['nothing'])).code).toBe('InvalidRequest');
    const wrong = flowOf('wrong', [
      { id: 'a', kind: 'approval', channelArn: board, requirement: { approvers: { expression: 'x +' }, approve: 1 } },
    ]);
    expect(errorOf(await start('ada', wrong))).toMatchObject({
      code: 'InvalidRequest',
      field: expect.stringMatching(/expression$/),
    });
  });
});

test('an outsider has no mail sent and is in nobody’s way: the real onboarding starts at once, and its mail is the only one', async () => {
  const real = flowOf('employee-30-days', [form, join], { title: 'First 30 days' });
  flows.add(real);
  const input = { flow: real.name, member: user('bob'), requestedBy: user('mona'), params: {} };
  const id = onboardingId(real.name, input);
  const mailsTo = (name: string) => sink.mails.filter(({ to }) => to.includes(`${name}@example.com`));
  let told = 0;
  // Under the very id of the real one, with a good proof of somebody else, or of another flow.
  const alice = await signerOf('alice');
  const asked = (more: object) => ({ ...input, member: user('alice'), requestedBy: user('alice'), ...more });
  flows.add(flowOf('own-days', [{ id: 'w', kind: 'wait', for: '3650d' }, join], { startedBy: 'anyone' }));
  for (const subject of [asked({ flow: HOSTILE['a wait of ten years'] }), asked({ flow: 'own-days' }), asked({})]) {
    const assertion = await alice(user('alice'), {
      command: 'onboard',
      workflowId: id,
      payload: subject,
      requestDigest: digestOf(subject),
    });
    const actor = { principal: user('alice'), assertion };
    const handle = await client.workflow.start('onboardMember', {
      workflowId: id,
      taskQueue,
      args: [{ ...subject, actor }],
    });
    // The real one is asked for while that of alice is being refused.
    const [refused, started] = await Promise.allSettled([handle.result(), (await serviceOf('mona')).start(input)]);
    expect(refused).toMatchObject({
      status: 'rejected',
      reason: { cause: { type: expect.stringMatching(/^(FlowNotAllowed|InvalidRequest)$/) } },
    });
    expect(started).toMatchObject({ status: 'fulfilled', value: { ok: true, value: { id, state: 'running' } } });
    told += 1;
    await vi.waitFor(() => expect(mailsTo('bob')).toHaveLength(told), PATIENCE);
    await client.workflow.getHandle(id).terminate();
  }
  for (const { data } of mailsTo('bob')) expect(data).toMatch(/First 30 days/);
  expect([...mailsTo('alice'), ...sink.mails.filter(({ data }) => /SECURITY|evil/.test(data))]).toEqual([]);
});

describe('a flow that the workers have', () => {
  test('is refused where there is none of the name, and says which there are', async () => {
    flows.add(flowOf('known'));
    const error = errorOf(await start('mona', 'unknown', { member: user('bob') }));
    expect(error).toMatchObject({ code: 'UnknownFlow', field: 'flow', accepted: expect.stringContaining('known') });
  });

  test('is started by moderators and admins of every channel in it, where it says nothing else', async () => {
    const name = flows.add(flowOf('by-office', [form, join, { ...join, id: 'team', channelArn: board }]));
    for (const as of ['alice', 'bob', 'erin']) {
      expect(errorOf(await start(as, name))).toMatchObject({ code: 'FlowNotAllowed', field: 'requestedBy' });
      expect(errorOf(await start(as, name, { member: user('dave') })).code).toBe('FlowNotAllowed');
    }
    for (const as of ['mona', 'ada']) valueOf(await start(as, name, { member: user('dave') }));
    // Whoever has made a channel moderates that one, and not the others.
    const own = await aliceModerates('alices');
    const params = { team: { type: 'channel' } };
    const team = { ...join, id: 'team', channelArn: '{{params.team}}' };
    const both = flows.add(flowOf('in-both', [form, join, team], { params }));
    expect(errorOf(await start('alice', both, { member: user('dave'), params: { team: own } })).code).toBe(
      'FlowNotAllowed',
    );
  });

  test('is started by who holds a role of our own, where it says so', async () => {
    const name = flows.add(flowOf('by-hr', [form, join], { startedBy: { roles: ['hr.people'] } }));
    expect(errorOf(await start('mona', name)).code).toBe('FlowNotAllowed');
    expect(errorOf(await start('alice', name)).code).toBe('FlowNotAllowed');
    valueOf(await start('erin', name, { member: user('dave') }));
  });

  test('is started by anyone for themselves and for nobody else, where it says so', async () => {
    const name = flows.add(flowOf('for-anyone', [form, join], { startedBy: 'anyone' }));
    valueOf(await start('alice', name));
    for (const as of ['alice', 'mona', 'ada']) {
      expect(errorOf(await start(as, name, { member: user('carol') }))).toMatchObject({
        code: 'FlowNotAllowed',
        accepted: user('carol'),
      });
    }
  });

  test('counts as it was when it was started, whatever becomes of it', async () => {
    const before = flowOf('edited', [form, join], { params: { who: { default: 'all' } }, title: 'For {{params.who}}' });
    flows.add(before);
    const { id } = valueOf(await start('mona', 'edited', { member: user('carol'), params: { who: 'us' } }));
    flows.add(flowOf('edited', [join]));
    const mona = await serviceOf('mona');
    expect(valueOf(await mona.show(id))).toMatchObject({
      flowDigest: digestOf(before),
      flow: { title: 'For us' },
      steps: [{ id: 'form', status: 'now' }, {}],
    });
    valueOf(
      await (
        await serviceOf('carol')
      ).give(id, 'submitInput', { actor: { principal: user('carol') }, step: 'form', answers: {} }),
    );
    expect(valueOf(await mona.wait(id))).toMatchObject({
      outcome: 'completed',
      steps: [{ status: 'done' }, { status: 'done' }],
    });
    const { events } = await client.workflow.getHandle(id).fetchHistory();
    expect(JSON.stringify(events?.[0])).not.toContain('steps');
  });
});

/** A channel that an outsider has made, and so moderates. */
async function aliceModerates(name: string): Promise<string> {
  const body = JSON.stringify({ AppInstanceArn: emulator.appInstanceArn, Name: name, ClientRequestToken: name });
  const answer = await fetch(`${emulator.url}/channels`, {
    method: 'POST',
    headers: { 'x-amz-chime-bearer': user('alice') },
    body,
  });
  if (!answer.ok) throw new Error(await answer.text());
  return ((await answer.json()) as { ChannelArn: string }).ChannelArn;
}
