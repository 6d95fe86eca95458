import { hint, looking, report, withChild } from '../../src/domain/onboarding/children.ts';
import type { ChildView } from '../../src/domain/onboarding/children.ts';
import { end, failStep, finish, holdRemoval } from '../../src/domain/onboarding/ending.ts';
import { retryStep } from '../../src/domain/onboarding/operate.ts';
import type { Child, OnboardingRecord } from '../../src/domain/onboarding/state.ts';
import { stateOf, withStep } from '../../src/domain/onboarding/steps.ts';
import { todoOf } from '../../src/domain/onboarding/todo.ts';
import { at, child, GRANT, iso } from './support.ts';

const CHIME_ERROR = { type: 'ForbiddenException', message: 'no' };
const LOST: ChildView = { state: 'closed', outcome: 'failed' };
const REQUEST_OPEN = { type: 'RequestOpen', message: 'open' };

/** What a request to join may come to next; most are granted. */
export const ANSWERS = [
  ...(['joined', 'joined', 'joined', 'joined', 'active', 'active', 'active'] as const),
  ...(['denied', 'alreadyMember', 'withdrawn'] as const),
] as const;
type Answer = (typeof ANSWERS)[number];

/** Requests and memberships as they are, whatever an onboarding believes; it hears of them as the workflow does. */
export function newWorld() {
  const requests = new Map<string, ChildView>();
  const takenBack = new Set<string>();
  const made: string[] = [];
  const removed: string[] = [];

  /** An open request gets its answer, and the onboarding hears it, or only that there is something to look at. */
  function answer(record: OnboardingRecord, as: Answer, told: boolean, now: number, among = pending()) {
    const [id] = among;
    if (id === undefined) return record;
    const granted = as === 'joined' || as === 'active';
    if (granted) made.push(id);
    const view: ChildView = {
      state: as === 'active' ? 'active' : 'closed',
      outcome: as === 'active' ? null : as,
      ...(granted ? { grant: { ...GRANT, createdAt: iso(now) } } : {}),
    };
    requests.set(id, view);
    return told && view.state === 'closed' ? report(record, id, view, now) : hint(record, `join:${id}`);
  }

  function pending(): string[] {
    return [...requests].flatMap(([id, { state }]) => (state === 'pending' ? [id] : []));
  }

  function withdrawn(): string[] {
    return pending().filter((id) => takenBack.has(id));
  }

  /** Does what is to be done next, which works or does not. */
  function work(record: OnboardingRecord, works: boolean, now: number): OnboardingRecord {
    const todo = todoOf(record);
    switch (todo?.do) {
      case 'join':
        // A request of the same asker for the same channel that is open is in the way.
        if (requests.get(todo.step.id)?.state === 'pending') return failStep(record, todo.step.id, REQUEST_OPEN, now);
        requests.set(todo.step.id, { state: 'pending', outcome: null });
        takenBack.delete(todo.step.id);
        return withChild(record, todo.step.id, child(todo.step.id));
      case 'send':
        return works ? finish(record, todo.step.id, now) : failStep(record, todo.step.id, CHIME_ERROR, now);
      case 'look':
        return report(looking(record, todo.step), todo.step, requests.get(todo.step) ?? LOST, now);
      case 'withdraw':
        takenBack.add(todo.step);
        return withStep(record, todo.step, { child: { ...openChild(record, todo.step), withdraw: 'asked' } });
      case 'remove':
        return works ? settled(record, todo.index) : holdRemoval(record, todo.grant.step, CHIME_ERROR, now);
      case 'ask':
      case 'prepare':
      case undefined:
        return record;
    }
  }

  function settled(record: OnboardingRecord, index: number): OnboardingRecord {
    removed.push(record.grants[index]?.step ?? '');
    const grants = record.grants.map((grant, one) =>
      one === index ? { ...grant, settled: 'removed' as const } : grant,
    );
    return { ...record, grants };
  }

  /**
   * The end of it: it is cancelled if it has not ended yet, and every request that was taken back is answered; the others
   * wait for people, who need not come. A removal fails once in a while, and an operator has it tried again.
   */
  function windUp(before: OnboardingRecord, answers: readonly Answer[], now: number): OnboardingRecord {
    const isOpen = ['running', 'paused', 'incident'].includes(before.state) && !before.ending;
    let record = isOpen ? end(before, { outcome: 'cancelled', compensate: true, reason: 'x' }) : before;
    // For each step: its request is taken back and answered, it is looked at, and a removal fails, is retried and works.
    const bound = before.steps.length * 6;
    for (let turn = 0; turn < bound && record.state !== 'closed'; turn += 1) {
      const fails = turn % 3 === 0;
      if (record.incident) record = retryStep(record, record.incident.step, now);
      else if (todoOf(record)) record = work(record, !fails, now);
      else record = answer(record, answers[turn % answers.length] ?? 'joined', fails, now, withdrawn());
      record = at(record, now);
    }
    return record;
  }

  return { requests, made, removed, answer, work, windUp };
}

function openChild(record: OnboardingRecord, id: string): Child {
  return stateOf(record, id)?.child ?? child(id);
}
