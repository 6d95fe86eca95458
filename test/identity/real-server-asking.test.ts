import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JoinRequest } from '../../src/domain/request.ts';
import { digestOf } from '../../src/identity/digest.ts';
import { requestId } from '../../src/workflow-id.ts';
import { errorOf, valueOf } from '../support/admission.ts';
import { admit } from '../support/admit.ts';
import { DENY, refusedBy, startSignedAdmission } from './signed-admission.ts';
import type { SignedAdmission } from './signed-admission.ts';

let at: SignedAdmission;
beforeAll(async () => {
  at = await startSignedAdmission();
});
afterAll(() => at.close());

describe('who asks', () => {
  const wrong: readonly (readonly [string, (request: JoinRequest) => Promise<string | undefined>, RegExp])[] = [
    ['unsigned', async () => undefined, /Nothing proves/],
    ['forged', (request) => at.assertionOfJoin(request, { key: at.counterfeit }), /signature/],
    ['expired', (request) => at.assertionOfJoin(request, { lifetime: -10 }), /expired/],
    ['foreign, of another member', () => at.assertionOfJoin(at.requestOf(at.user('carol'))), /another principal/],
    [
      'foreign, with the personal key of another',
      (request) => at.assertionOfJoin(request, { key: at.keys.ofMax }),
      /personal/,
    ],
    [
      'foreign, for another reason',
      (one) => at.assertionOfJoin(at.requestOf(one.memberArn, { reason: 'other' })),
      /another content/,
    ],
  ];

  test.each(wrong)('%s: refused, and nothing is asked of Chime or of people', async (name, make, message) => {
    const member = await at.emulator.newUser(`asker-${digestOf(name).slice(0, 8)}`);
    const request = at.requestOf(member);
    expect(errorOf(await at.join(request, await make(request)))).toMatchObject(refusedBy(message));
    const view = valueOf(await at.service.wait(requestId(request)));
    expect(view).toMatchObject({ outcome: 'failed', error: { type: 'Unauthenticated' }, decisions: [], approvals: [] });
    expect(await at.emulator.calls('CreateChannelMembership', member)).toEqual([]);
    // It does not stand in the way of who can prove it.
    expect(await at.ask(member)).toBe(requestId(request));
  });

  test('started in the Temporal UI without an assertion, it fails too', async () => {
    const request = at.requestOf(await at.emulator.newUser('typed'));
    const { taskQueue, client } = at;
    const handle = await client.workflow.start('joinChannel', {
      workflowId: requestId(request),
      taskQueue,
      args: [request],
    });
    await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'Unauthenticated' } });
  });

  test('an assertion of who asks starts the same request once only', async () => {
    const request = at.requestOf(await at.emulator.newUser('again'));
    const assertion = await at.assertionOfJoin(request);
    const { id } = valueOf(await at.join(request, assertion));
    expect(valueOf(await at.join(request, assertion)).id).toBe(id);
    valueOf(await at.review(id, await at.assertionOf('review', id, DENY), DENY));
    await at.service.wait(id);
    expect(errorOf(await at.join(request, assertion))).toMatchObject(refusedBy(/used already/));
  });

  test('withdraws with an assertion, and nobody does without', async () => {
    const member = await at.emulator.newUser('leaver');
    const id = await at.ask(member);
    const before = await at.shown(id);
    expect(errorOf(await at.service.withdraw(id, { actor: { principal: member } }))).toMatchObject(
      refusedBy(/Nothing proves/),
    );
    expect(await at.shown(id)).toEqual(before);
    const assertion = await at.assertionOf('withdraw', id, {}, { as: member });
    valueOf(await at.service.withdraw(id, { actor: { principal: member, assertion } }));
    expect(valueOf(await at.service.wait(id)).outcome).toBe('withdrawn');
  });
});

test('`admit` signs with ADMISSION_SIGNING_KEY, and is refused without it', async () => {
  const member = await at.emulator.newUser('typist');
  const file = join(dirname(at.jwks), 'gateway.json');
  await writeFile(file, JSON.stringify(at.keys.gateway.privateKey), { mode: 0o600 });
  const run = (key: string, ...args: string[]) =>
    admit([...args, '--json'], { env: { ...at.env, ADMISSION_SIGNING_KEY: key } });
  const ask = ['join', '--channel', at.emulator.channel('board'), '--member', member];
  const unsigned = await run('', ...ask);
  expect([unsigned.code, unsigned.json()]).toMatchObject([2, { error: refusedBy(/Nothing proves/) }]);
  const asked = await run(file, ...ask);
  const { id } = asked.json<{ id: string }>();
  expect(asked.code).toBe(4);
  const approve = ['review', id, '--approve', '--as', at.user('mona')];
  expect((await run('', ...approve)).json()).toMatchObject({ error: { code: 'Unauthenticated' } });
  expect((await run(file, ...approve)).code).toBe(0);
  expect(valueOf(await at.service.wait(id))).toMatchObject({
    outcome: 'joined',
    requesterVerified: true,
    approvals: [{ reviewer: at.user('mona'), verified: true }],
  });
});
