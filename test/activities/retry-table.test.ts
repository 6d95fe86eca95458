import { describe, expect, test, vi } from 'vitest';
import { CREATE, endedWith, exception, performed, startScene, UNAVAILABLE } from '../workflows/support.ts';
import type { Ordered } from '../workflows/support.ts';

vi.setConfig({ maxConcurrency: 8 });

const scene = await startScene();
const { emulator } = scene;
const lobby = emulator.channel('lobby');

/** Sends a self-join whose calls meet these faults, one after the other, and tells what came of it. */
async function join(faults: readonly Ordered[], service = scene.service) {
  const member = await scene.newcomer();
  await scene.orderFaults(member, faults);
  const view = await scene.joined({ channelArn: lobby, memberArn: member }, service);
  const events = await scene.history(view.id);
  const calls = await emulator.calls(CREATE, member);
  return { member, view, events, calls, activities: performed(events), status: await scene.status(view.id) };
}

const gaps = (calls: { at: string }[]) =>
  calls.slice(1).map(({ at }, index) => Date.parse(at) - Date.parse(calls[index]?.at ?? ''));

const THROTTLED = exception('ThrottledClientException');

// prettier-ignore
describe('what is tried again ends as joined, with one write, after waits of at least so many ms', () => {
  test.concurrent.each([
    ['ServiceUnavailableException 503', UNAVAILABLE, 'ServiceUnavailableException', 2, 50],
    ['ServiceFailureException 500', exception('ServiceFailureException'), 'ServiceFailureException', 2, 50],
    ['502 with the page of a load balancer', { kind: 'html', status: 502 }, 'SyntaxError', 2, 50],
    ['504 with the page of a load balancer', { kind: 'html', status: 504 }, 'SyntaxError', 2, 50],
    ['501 without a body', { kind: 'status', status: 501 }, 'Unknown', 2, 50],
    ['408', { kind: 'status', status: 408 }, 'Unknown', 2, 50],
    ['a redirect, which the table does not know', { kind: 'status', status: 302 }, 'Unknown', 2, 50],
    ['404 that is cut', exception('NotFoundException', { damage: 'cut' }), 'Error', 2, 50],
    ['403 with the page of a proxy', { kind: 'html', status: 403 }, 'SyntaxError', 2, 50],
    ['403 that is no JSON', exception('ForbiddenException', { damage: 'garbage' }), 'SyntaxError', 1, 50],
    ['401 without a body', { kind: 'status', status: 401 }, 'Unknown', 2, 50],
    ['404 with other JSON', { kind: 'status', status: 404, body: '{"message":"no route"}' }, 'Unknown', 2, 50],
    ['400 that only its header names', exception('BadRequestException', { damage: 'empty' }), 'BadRequestException', 2, 50],
    ['a connection that dies before the change', { kind: 'dropBefore' }, 'TimeoutError', 2, 50],
    ['ThrottledClientException', THROTTLED, 'ThrottledClientException', 1, 1_000],
    ['ThrottledClientException with Retry-After', { ...THROTTLED, retryAfter: 3 }, 'ThrottledClientException', 1, 3_000],
    ['429 without a body', { kind: 'status', status: 429 }, 'Unknown', 1, 1_000],
    ['429 with the page of a load balancer', { kind: 'html', status: 429 }, 'SyntaxError', 1, 1_000],
    ['ThrottlingException at 400', exception('ThrottlingException', { status: 400 }), 'ThrottlingException', 1, 1_000],
  ])('%s', async (_title, fault, type, times, atLeast) => {
    const { member, view, calls, activities } = await join([{ ...fault, times }]);
    expect(view).toMatchObject({ outcome: 'joined', invitedBy: member, member: { name: 'New' } });
    expect(calls.map((call) => call.status === 201)).toEqual([...Array.from({ length: times }, () => false), true]);
    expect(Math.min(...gaps(calls))).toBeGreaterThanOrEqual(atLeast);
    expect(activities).toEqual([
      { activity: 'createChannelMembership', attempts: times + 1, retriedAfter: type, failure: undefined },
    ]);
    expect(await scene.membership(lobby, member)).toEqual({ type: 'DEFAULT', invitedBy: member });
  });
});

// prettier-ignore
test.concurrent.each([
  ['BadRequestException', undefined, /refuses the request/],
  ['NotFoundException', undefined, /does not exist/],
  ['ForbiddenException', undefined, /bearer may not/],
  ['ResourceLimitExceededException', undefined, /quota/],
  ['UnauthorizedClientException', undefined, /configuration/],
  ['ExpiredTokenException', 403, /expired/],
  ['UnrecognizedClientException', 403, /does not know the credentials/],
  ['AccessDeniedException', 403, /IAM policy/],
  ['TeapotException', 418, /please report/],
])('%s is final: one call, and the request fails with its name, a hint and the request id', async (name, status, hint) => {
  const { view, calls, activities, events, status: ended } = await join([exception(name, status ? { status } : {})]);
  expect(view).toMatchObject({ state: 'closed', outcome: 'failed' });
  expect(view.error).toEqual({
    type: name,
    message: `${name}, as ordered from the emulator`,
    requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    hint: expect.stringMatching(hint),
  });
  expect(calls).toHaveLength(1);
  expect(activities).toEqual([
    { activity: 'createChannelMembership', attempts: 1, retriedAfter: undefined, failure: name },
  ]);
  expect([ended, endedWith(events)]).toEqual(['FAILED', name]);
});

describe('at the end of the patience', async () => {
  // Attempts at 0, 0.5 and 1.5 s; the next would be too late.
  const { service: hasty } = await scene.otherSystem({
    ADMISSION_RETRY_FOR: '3s',
    ADMISSION_RETRY_INITIAL: '500ms',
    ADMISSION_RETRY_MAXIMUM: '5s',
  });

  test.concurrent('a last look finds nothing, and the request fails with the last failure', async () => {
    const { view, activities, status, calls } = await join([{ ...UNAVAILABLE, times: 9 }], hasty);
    expect(view).toMatchObject({ outcome: 'failed', error: { type: 'ServiceUnavailableException' } });
    expect(view.error?.hint).toMatch(/unavailable/);
    expect(status).toBe('FAILED');
    expect(calls).toHaveLength(3);
    expect(activities).toMatchObject([
      { activity: 'createChannelMembership', attempts: 3, failure: 'ServiceUnavailableException' },
      { activity: 'findMembership', attempts: 1, failure: undefined },
    ]);
  });

  test.concurrent('a last look finds the membership of an attempt whose answer was lost: joined', async () => {
    const { member, view, activities, status } = await join(
      [{ kind: 'dropAfter' }, { ...UNAVAILABLE, times: 9 }],
      hasty,
    );
    expect(view).toMatchObject({ outcome: 'joined', invitedBy: member });
    expect(status).toBe('COMPLETED');
    expect(activities.map(({ activity }) => activity)).toEqual(['createChannelMembership', 'findMembership']);
  });

  test.concurrent('a last look that fails too tells what failed first', async () => {
    const member = await scene.newcomer();
    await scene.orderFaults(member, [{ ...UNAVAILABLE, times: 9 }]);
    const answer = scene.joined({ channelArn: lobby, memberArn: member }, hasty);
    await scene.called(CREATE, 1, member);
    await emulator.fault('DescribeChannelMembership', exception('ForbiddenException'), { memberArn: member });
    expect((await answer).error?.type).toBe('ServiceUnavailableException');
    expect(performed(await scene.history((await answer).id))).toMatchObject([{}, { failure: 'ForbiddenException' }]);
  });

  test.concurrent('that comes in the middle of a call, the request fails with a hint all the same', async () => {
    const { service } = await scene.otherSystem({ ADMISSION_RETRY_FOR: '2s', ADMISSION_CALL_TIMEOUT: '1500ms' });
    const { view, activities } = await join([{ kind: 'delay', ms: 60_000, times: 9 }], service);
    expect(view.outcome).toBe('failed');
    expect(activities.map(({ activity }) => activity)).toEqual(['createChannelMembership', 'findMembership']);
    expect(view.error?.hint).toEqual(expect.any(String));
  });
});

test.concurrent('a refusal after an attempt that was applied is looked into: joined', async () => {
  const { member, view, activities } = await join([{ kind: 'dropAfter' }, exception('ForbiddenException')]);
  expect(view).toMatchObject({ outcome: 'joined', invitedBy: member });
  expect(activities).toMatchObject([
    { activity: 'createChannelMembership', attempts: 2, retriedAfter: 'TimeoutError', failure: 'ForbiddenException' },
    { activity: 'findMembership', attempts: 1 },
  ]);
});
