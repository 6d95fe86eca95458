import { describe, expect, test } from 'vitest';
import {
  askAnew,
  dropPending,
  nextDue,
  offer,
  openApproval,
  readingOf,
  resume,
} from '../../../src/domain/approval/host.ts';
import type { Approval, ApprovalEffect, Caller } from '../../../src/domain/approval/host.ts';
import type { Panel, PanelEvent } from '../../../src/domain/approval/panel.ts';
import { nextDueAt } from '../../../src/domain/approval/time.ts';
import { caller, outage, readIn, settled, usual, worldOf } from './host-kit.ts';
import type { World } from './host-kit.ts';
import {
  ada,
  admins,
  bound,
  DAY,
  DIGEST,
  everybody,
  HOUR,
  max,
  mona,
  opened,
  person,
  review,
  stage,
  START,
  staged,
  time,
  twoModerators,
} from './kit.ts';
import { stagesOf, text } from './model.ts';

const approvalOf = (...requirements: Parameters<typeof opened>[0]): Approval => ({ panel: opened(requirements).panel });
const offered = (approval: Approval, event: PanelEvent, world = usual, from?: Caller) =>
  settled(offer(approval, event, from), readIn(world));
/** The roles of nobody can be read. */
const rosterAlone = (effect: ApprovalEffect) => (effect.do === 'readRoster' ? readIn(usual)(effect) : outage(false));
const approvedBy = (panel: Panel) => stagesOf(panel).flatMap((one) => one.approvedBy);

describe('a review', () => {
  test('that resolves nothing counts at once', () => {
    const moved = offer(approvalOf(twoModerators), review(mona, 'approve'), caller());
    expect(moved).toMatchObject({ kind: 'open', taken: [{ caller: { replyTo: '1.1' } }], refused: [] });
    expect(approvedBy(moved.approval.panel)).toEqual([mona.arn]);
  });

  test('that its author alone decides needs no reading: their roles came with it', () => {
    expect(offer(approvalOf(staged({})), review(mona, 'approve'), caller())).toMatchObject({
      kind: 'resolved',
      resolution: { result: 'approved', completedBy: mona.arn },
      taken: [{ caller: { replyTo: '1.1' } }],
    });
  });

  test('that completes an approval waits for the roles of those who approved before, and for nobody else', () => {
    const { approval } = offer(approvalOf(twoModerators), review(mona, 'approve'));
    const moved = offer(approval, review(max, 'approve'), caller('1.2', max));
    expect(moved).toMatchObject({ kind: 'reading', taken: [], refused: [], approval: { panel: approval.panel } });
    expect(readingOf(moved.approval)).toMatchObject({
      do: 'confirmRoles',
      of: [mona.arn],
      lane: 'quick',
      stop: 'drop',
    });
    expect(nextDue(moved.approval)).toBeUndefined();
    expect(settled(moved, readIn(usual))).toMatchObject({
      kind: 'resolved',
      resolution: { result: 'approved', completedBy: max.arn },
      taken: [{ caller: { replyTo: '1.2' } }],
    });
  });

  test('does not complete it where who approved before is no moderator any more', () => {
    const { approval } = offer(approvalOf(twoModerators), review(mona, 'approve'));
    const moved = offered(approval, review(max, 'approve'), worldOf([max]), caller('1.2', max));
    expect(moved).toMatchObject({ kind: 'open', taken: [{ caller: { replyTo: '1.2' } }] });
    expect(approvedBy(moved.approval.panel)).toEqual([max.arn]);
  });

  test('changes nothing where that cannot be read, and its author hears so', () => {
    const { approval } = offer(approvalOf(twoModerators), review(mona, 'approve'));
    const moved = settled(offer(approval, review(max, 'approve'), caller('1.2', max)), () => outage());
    expect(moved.readings.map(({ lane }) => lane)).toEqual(['quick', 'firm']);
    expect(moved).toMatchObject({
      kind: 'open',
      taken: [],
      refused: [{ caller: { replyTo: '1.2' }, refusal: { code: 'Unavailable' } }],
    });
    expect(moved.approval).toEqual(approval);
  });

  test('counts before what is due in the same moment', () => {
    const approval = approvalOf(staged({ timedActions: [{ at: '1h', do: 'deny' }] }));
    const moved = offered(approval, review(mona, 'approve', { at: START + 2 * HOUR }), usual, caller());
    expect(moved).toMatchObject({ kind: 'resolved', resolution: { result: 'approved' } });
  });
});

describe('time', () => {
  const timed = staged({ timedActions: [{ at: '1h', do: 'remind' }] });
  const silent = bound({
    stages: [stage({}), stage({ name: 'silent', approvers: admins, timedActions: [{ at: '1h', do: 'approve' }] })],
  });

  test('does nothing before the roster is read', () => {
    const moved = offer(approvalOf(timed), time(START + HOUR));
    expect(moved).toMatchObject({ kind: 'reading', notes: [] });
    expect(readingOf(moved.approval)).toMatchObject({ do: 'readRoster', lane: 'quick' });
    const later = settled(moved, readIn(worldOf([max, ada])));
    expect(later).toMatchObject({ kind: 'open', notes: [{ kind: 'remind' }] });
    expect(later.approval.panel.people.map(({ arn }) => arn)).toEqual([max.arn, ada.arn]);
  });

  test('goes on with the people that are known where the roster cannot be read', () => {
    const moved = settled(offer(approvalOf(timed), time(START + HOUR)), () => outage());
    expect(moved.readings.map(({ do: what, lane }) => [what, lane])).toEqual([
      ['readRoster', 'quick'],
      ['readRoster', 'firm'],
    ]);
    expect(moved).toMatchObject({ kind: 'open', notes: [{ kind: 'remind' }] });
    expect(moved.approval.panel.people).toEqual(everybody);
  });

  test('lets the request expire without asking for anybody', () => {
    expect(offer(approvalOf(staged({})), time(START + 30 * DAY))).toMatchObject({
      kind: 'resolved',
      resolution: { result: 'expired' },
    });
  });

  test('that comes too early reads nothing', () => {
    expect(offer(approvalOf(timed), time(START + HOUR - 1))).toMatchObject({ kind: 'open', notes: [] });
  });

  test('completes nothing with the approval of who is no moderator any more', () => {
    const { approval } = offered(approvalOf(silent), review(mona, 'approve'));
    const due = nextDue(approval)!;
    const moved = offered(approval, time(due), worldOf([max, ada]));
    expect(moved.kind).toBe('open');
    expect(approvedBy(moved.approval.panel)).toEqual([]);
  });

  test('completes nothing with an approval that was taken back in the same moment', () => {
    const { approval } = offered(approvalOf(silent), review(mona, 'approve'));
    const due = nextDue(approval)!;
    const taken = offered(approval, review(mona, 'abstain', { at: due }), usual, caller());
    expect(offered(taken.approval, time(due)).kind).toBe('open');
  });

  test('confirms patiently who decides with it, and fails where that cannot be: nothing has counted by then', () => {
    const { approval } = offered(approvalOf(silent), review(mona, 'approve'));
    const moved = settled(offer(approval, time(nextDue(approval)!)), rosterAlone);
    expect(moved.readings.map(({ do: what, lane }) => [what, lane])).toEqual([
      ['readRoster', 'quick'],
      ['confirmRoles', 'patient'],
    ]);
    expect(moved).toMatchObject({ kind: 'failed', error: { type: 'ChimeUnavailable' } });
    expect(moved.approval.panel.result.result).toBe('open');
  });

  test('that waits for a reading lets a denial go first', () => {
    const { approval } = offered(approvalOf(silent), review(mona, 'approve'));
    const waiting = offer(approval, time(nextDue(approval)!)).approval;
    const moved = offered(waiting, review(ada, 'deny', { at: nextDueAt(approval.panel)! }), usual, caller('1.9', ada));
    expect(moved).toMatchObject({ kind: 'resolved', resolution: { result: 'denied', by: ada.arn } });
    expect(moved.taken.map((one) => one.caller.replyTo)).toEqual(['1.9']);
  });
});

describe('what waits for a reading', () => {
  const { approval } = offer(approvalOf(twoModerators), review(mona, 'approve'));
  const waiting = offer(approval, review(max, 'approve'), caller('1.2', max)).approval;

  test('comes too late where a denial decided first, and its author hears so', () => {
    const moved = offered(waiting, review(person('bo', 'channel_moderator'), 'deny'), usual, caller('1.3'));
    expect(moved).toMatchObject({
      kind: 'resolved',
      resolution: { result: 'denied' },
      taken: [{ caller: { replyTo: '1.3' } }],
      refused: [{ caller: { replyTo: '1.2' }, refusal: { code: 'AlreadyResolved' } }],
    });
  });

  test('can be dropped: nothing of it has counted, and who waits is named', () => {
    expect(dropPending(waiting)).toEqual({ approval: { panel: approval.panel }, callers: [caller('1.2', max)] });
  });

  test('is asked for with the same key as long as it is the same, and with another in another lane', () => {
    expect(readingOf(waiting)?.key).toBe(readingOf(JSON.parse(text(waiting)) as Approval)?.key);
    expect(readingOf(resume(waiting, outage()).approval)?.key).not.toBe(readingOf(waiting)?.key);
  });
});

test('opening tells what nobody can decide', () => {
  const opening = { requirements: [staged({})], excluded: [], requestDigest: DIGEST, at: START, dueAt: START + DAY };
  expect(openApproval({ ...opening, people: [] })).toMatchObject({
    kind: 'resolved',
    resolution: { code: 'NO_ELIGIBLE_APPROVER' },
  });
  expect(openApproval({ ...opening, people: everybody })).toMatchObject({ kind: 'open' });
});

test('what was approved is asked anew with the roles of now', () => {
  const { panel } = offered(approvalOf(staged({})), review(mona, 'approve')).approval;
  const asked = { at: START + HOUR, requirements: [staged({})], people: everybody, requestDigest: DIGEST };
  const again = askAnew(panel, asked);
  expect(readingOf(again.approval)).toMatchObject({ do: 'confirmRoles', of: [mona.arn], lane: 'patient' });
  expect(settled(again, readIn(usual)).kind).toBe('resolved');
  expect(settled(again, readIn(worldOf([max]))).kind).toBe('open');
});

test('where an earlier denial does not count any more, those are read who decide instead', () => {
  let approval = approvalOf(twoModerators);
  for (const event of [review(mona, 'approve'), review(ada, 'deny')]) approval = offered(approval, event).approval;
  const either = bound({ approvers: { roles: ['channel_moderator', 'app_instance_admin'] }, approve: 1 });
  const asked = { at: START + HOUR, requirements: [either], people: everybody, requestDigest: DIGEST };
  const again = askAnew(approval.panel, asked);
  const readings = (world: World) => settled(again, readIn(world)).readings.map((one) => 'of' in one && one.of);
  expect(settled(again, readIn(usual))).toMatchObject({ kind: 'resolved', resolution: { result: 'denied' } });
  expect(readings(usual)).toEqual([[ada.arn]]);
  expect(settled(again, readIn(worldOf([mona, max])))).toMatchObject({ resolution: { result: 'approved' } });
  expect(readings(worldOf([mona, max]))).toEqual([[ada.arn], [mona.arn]]);
  expect(settled(again, readIn(worldOf([max]))).kind).toBe('open');
});
