import { QueryNotRegisteredError } from '@temporalio/client';
import { describe, expect, test, vi } from 'vitest';
import { COMMAND_NAMES } from '../../src/domain/commands.ts';
import { requestId } from '../../src/workflow-id.ts';
import { errorOf, valueOf } from '../support/admission.ts';
import { ANYTHING, CREATE, exception, failedTasks, failureOf, PATIENCE, startScene, UNAVAILABLE } from './support.ts';

const scene = await startScene();
const { client, emulator, service } = scene;
const board = emulator.channel('board');
const lobby = emulator.channel('lobby');
const user = (name: string) => emulator.user(name);
const by = (name: string) => ({ actor: { principal: user(name) } });
const approve = (name: string) => ({ ...by(name), decision: 'approve' as const });

/** A private self-join that waits for people. */
async function pendingJoin(more: object = {}) {
  const memberArn = await scene.newcomer();
  return { memberArn, id: await scene.pending({ channelArn: board, memberArn, ...more }) };
}

const actor = { principal: 'arn:someone' };
const NONSENSE: Record<string, unknown[]> = {
  review: [
    { decision: 'approve' },
    { actor },
    { actor, decision: 'maybe' },
    { actor: 'mona', decision: 'approve' },
    { actor: {}, decision: 'approve' },
    { actor: { principal: '' }, decision: 'approve' },
    { actor: { principal: 'x'.repeat(1601) }, decision: 'approve' },
    { actor: { ...actor, assertion: 1 }, decision: 'approve' },
    { actor: { ...actor, admin: true }, decision: 'approve' },
    { actor, decision: 'approve', comment: '' },
    { actor, decision: 'approve', comment: 'x'.repeat(1025) },
    { actor, decision: 'approve', verified: true },
  ],
  withdraw: [{ actor: null }, { actor, decision: 'deny' }, { principal: 'x' }],
  amend: [
    { actor, changes: [] },
    { actor, changes: { memberArn: 'x' } },
    { actor, changes: { sudo: true } },
  ],
  submitInput: [
    { actor, binding: '', answers: {} },
    { actor, binding: 'x', answers: [] },
    { actor, binding: 'x', answers: null },
  ],
  override: [
    { actor, reason: ' ', ticket: 'T-1' },
    { actor, reason: 'so', ticket: 1 },
  ],
  reassign: [
    { actor, binding: 'x', to: {}, reason: 'so' },
    { actor, binding: 'x', to: { users: 'mona' }, reason: 'so' },
    { actor, binding: 'x', to: null, reason: 'so' },
  ],
  extend: [
    { actor, by: 'a while' },
    { actor, by: 30 },
    { actor, by: '99999d' },
  ],
  reevaluate: [{ changed: [] }, { changed: ['the moon'] }, { policyDigest: 1 }, { actor, changed: ['ban'] }],
  requestJoin: [{ memberArn: 'x' }, { channelArn: 1, memberArn: 2 }, { channelArn: null, type: 'OTHER' }],
};

describe('nonsense leaves a pending request alive', async () => {
  const { id } = await pendingJoin();
  const handle = client.workflow.getHandle(id);

  test.each([...COMMAND_NAMES, 'requestJoin'])(
    'when %s gets it: refused with code, text, field and what is accepted',
    async (name) => {
      for (const payload of [...ANYTHING, ...(NONSENSE[name] ?? [])]) {
        const { type, message, details } = await failureOf(handle.executeUpdate(name, { args: [payload] }));
        expect({ payload, type, details }).toEqual({
          payload,
          type: { requestJoin: 'InvalidRequest', review: 'InvalidReview' }[name] ?? 'InvalidCommand',
          details: [expect.objectContaining({ field: expect.any(String), accepted: expect.any(String) })],
        });
        expect(message).not.toMatch(/internal|TypeError/);
      }
      expect((await failureOf(handle.executeUpdate(name))).type).toMatch(/^Invalid/);
    },
  );

  test('as an unknown update or query: refused; as an unknown signal: ignored', async () => {
    await handle.signal('approve', { by: 'me' });
    expect((await failureOf(handle.executeUpdate('approve', { args: [1] }))).message).toMatch(/approve/);
    await expect(handle.query('secrets')).rejects.toBeInstanceOf(QueryNotRegisteredError);
  });

  test('so that it can be read, reviewed and joined afterwards', async () => {
    expect(valueOf(await service.show(id))).toMatchObject({ state: 'pending', approvals: [] });
    expect(valueOf(await service.review(id, approve('mona'))).state).toBe('granting');
    expect(valueOf(await service.wait(id)).outcome).toBe('joined');
    const events = await scene.history(id);
    // Nothing but the join and the review ever got past a validator.
    const accepted = events.filter((event) => event.workflowExecutionUpdateAcceptedEventAttributes);
    expect([failedTasks(events), accepted.length]).toEqual([0, 2]);
  });
});

describe('a pending request refuses', () => {
  test.each([
    ['the requester', 'OwnRequest', user('mona')],
    ['the member', 'OwnRequest', user('carol')],
    ['the bearer, a bot that is admin', 'OwnRequest', emulator.bearer],
    ['a plain member', 'NotAnApprover', user('bob')],
    ['an outsider', 'NotAnApprover', user('dave')],
    ['a bot', 'NotAnApprover', `${emulator.appInstanceArn}/bot/helper-bot`],
    [
      'somebody of another app instance',
      'NotAnApprover',
      user('mona').replace(/app-instance.[^/]+/, 'app-instance/other'),
    ],
    ['no ARN at all', 'NotAnApprover', 'mona'],
  ])('a review by %s as %s', async (_who, code, principal) => {
    const request = { channelArn: board, memberArn: user('carol'), requestedBy: user('mona'), type: 'HIDDEN' };
    const { id } = valueOf(await service.join({ ...request, chimeBearer: emulator.bearer }));
    for (const decision of ['approve', 'deny'] as const) {
      const error = errorOf(await service.review(id, { actor: { principal }, decision }));
      expect(error).toMatchObject({ code, field: 'actor.principal', id, message: expect.stringMatching(/\.$/) });
    }
    expect(valueOf(await service.show(id))).toMatchObject({ state: 'pending', approvals: [] });
  });

  test('a review by an admin who is a bot as NotAnApprover', async () => {
    const { id } = await pendingJoin();
    const error = errorOf(await service.review(id, { actor: { principal: emulator.bearer }, decision: 'approve' }));
    expect(error.code).toBe('NotAnApprover');
  });

  test('a withdrawal by anybody else as NotYours, and a second type as OtherTypeOpen', async () => {
    const { id, memberArn } = await pendingJoin();
    for (const name of ['mona', 'ada', 'dave']) {
      expect(errorOf(await service.withdraw(id, by(name)))).toMatchObject({
        code: 'NotYours',
        field: 'actor.principal',
      });
    }
    const other = errorOf(await service.join({ channelArn: board, memberArn, type: 'HIDDEN' }));
    expect(other).toMatchObject({ code: 'OtherTypeOpen', field: 'type', accepted: 'DEFAULT', id });
    expect(valueOf(await service.show(id)).state).toBe('pending');
  });
});

test('while facts are read a review is NotPending', async () => {
  const memberArn = await scene.newcomer();
  await emulator.fault('DescribeChannelBan', UNAVAILABLE, { count: 1_000, memberArn });
  const request = { channelArn: board, memberArn, requestedBy: memberArn, type: 'DEFAULT' as const };
  const id = requestId(request);
  const answer = service.join(request);
  await vi.waitFor(async () => expect(valueOf(await service.show(id)).state).toBe('evaluating'), PATIENCE);
  expect(errorOf(await service.review(id, approve('mona'))).code).toBe('NotPending');
  await scene.clearFaults();
  expect(valueOf(await answer)).toMatchObject({ id, state: 'pending' });
});

test('while Chime is called, and after the end, reviews and withdrawals are AlreadyResolved', async () => {
  const { id, memberArn } = await pendingJoin();
  await scene.orderFaults(memberArn, [{ kind: 'delay', ms: 600 }]);
  valueOf(await service.review(id, approve('mona')));
  await scene.called(CREATE, 1, memberArn);
  const late = async () => [
    errorOf(await service.review(id, { ...by('max'), decision: 'deny' })).code,
    errorOf(await service.withdraw(id, { actor: { principal: memberArn } })).code,
  ];
  expect(await late()).toEqual(['AlreadyResolved', 'AlreadyResolved']);
  expect(valueOf(await service.wait(id))).toMatchObject({ outcome: 'joined', approvals: [{ decision: 'approve' }] });
  expect(await late()).toEqual(['AlreadyResolved', 'AlreadyResolved']);
});

test('an id that nobody knows is an UnknownRequest, whatever is asked of it', async () => {
  const id = 'join:board:nobody:00000000';
  for (const result of [service.show(id), service.review(id, approve('mona')), service.withdraw(id, by('alice'))]) {
    expect(errorOf(await result)).toMatchObject({ code: 'UnknownRequest', field: 'id', id });
  }
});

test('a review outlasts a short outage; one that Chime forbids to check is Unavailable and changes nothing', async () => {
  const { id } = await pendingJoin();
  const [read, memberArn] = ['DescribeChannelModerator', user('max')];
  await emulator.fault(read, exception('ForbiddenException'), { memberArn });
  const refused = errorOf(await service.review(id, approve('max')));
  expect(refused).toMatchObject({
    code: 'Unavailable',
    message: expect.stringMatching(/ForbiddenException.*try again/),
  });
  expect(valueOf(await service.show(id))).toMatchObject({ state: 'pending', approvals: [] });
  await emulator.fault(read, UNAVAILABLE, { count: 2, memberArn });
  expect(valueOf(await service.review(id, approve('max'))).state).toBe('granting');
});

test('a worker that does not trust its clients admits nobody who only says who asks', async () => {
  const { service: strict } = await scene.otherSystem({ ADMISSION_TRUST_CLIENTS: 'false' });
  const memberArn = await scene.newcomer();
  for (const claim of [{}, { actor: { principal: memberArn, assertion: 'eyJhbGciOiJub25lIn0.e30.' } }]) {
    expect(errorOf(await strict.join({ channelArn: lobby, memberArn, ...claim }))).toMatchObject({
      code: 'Unauthenticated',
      field: 'actor.assertion',
      accepted: expect.any(String),
    });
  }
  expect(await emulator.calls(CREATE, memberArn)).toEqual([]);
});

test('what was accepted on trust is marked as not verified, for ever', async () => {
  const { id } = await pendingJoin();
  valueOf(await service.review(id, { ...approve('ada'), comment: 'welcome' }));
  expect(valueOf(await service.wait(id)).approvals).toEqual([
    {
      reviewer: user('ada'),
      decision: 'approve',
      verified: false,
      roles: ['app_instance_admin'],
      matched: [],
      comment: 'welcome',
      requestDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
      reviewId: expect.any(String),
      at: expect.any(String),
    },
  ]);
});
