/** A membership that is there until its term ends, somebody ends it, or the member leaves. */
import type { RequestError } from '../view.ts';
import { askAboutExtension } from './evaluate.ts';
import { closed, remove, TERM_ENDED } from './end.ts';
import { offerToExtension, settleApproved, lookFirst } from './extension.ts';
import { answered, tell, andThen, type JoinStep } from './notes.ts';
import { GONE, seenIn, unseen, type Look, type Seen } from './presence.ts';
import type { Active, LookBefore } from './state.ts';

/** Does what is due now. */
export function elapsed(state: Active, now: number): JoinStep {
  const { term, task, extension } = state;
  if (Date.parse(term.endsAt) <= now) return remove(state, TERM_ENDED);
  if (task) return { state };
  const later = term.remindAt.filter((at) => Date.parse(at) > now);
  // A member who is gone is not reminded of anything.
  if (later.length < term.remindAt.length) {
    return lookFirst({ ...state, term: { ...term, remindAt: later } }, { what: 'remind' });
  }
  return extension ? offerToExtension(state, { kind: 'time', at: now }, now) : { state };
}

/** Somebody looked whether the member is still there. */
export function looked(state: Active, look: Look | RequestError, now: number): JoinStep {
  const seen = 'is' in look ? seenIn(look) : unseen(look);
  const { task, looks, looksFirmly: _firmly, ...rest } = state;
  const before = task?.kind === 'look' ? task.before : undefined;
  const made = 'is' in look && look.is === 'there' ? { ...rest.made, seenAt: look.at } : rest.made;
  const known: Active = { ...rest, made, looks: [], ...(task && !before ? { task } : {}) };
  if (seen.is === 'left') return left(known, seen, before, looks, now);
  const answer = seen.is === 'unknown' ? seen.refusal : seen;
  const step = looks.reduce((told, to) => answered(told, to, answer), { state: known } as JoinStep);
  return before ? andThen(step, () => goOn(known, before, seen, now)) : step;
}

/** The membership is over, and there is nothing of ours to remove. */
function left(
  state: Active,
  seen: Seen & { is: 'left' },
  before: LookBefore | undefined,
  looks: readonly string[],
  now: number,
): JoinStep {
  const { extension: _extension, ...rest } = state;
  const step = closed(rest, { outcome: 'revoked', reason: seen.reason }, now);
  const told = looks.reduce((all, to) => answered(all, to, seen), step);
  return before?.what === 'extend' ? answered(told, before.replyTo, GONE) : told;
}

function goOn(state: Active, before: LookBefore, seen: Seen, now: number): JoinStep {
  switch (before.what) {
    case 'remind':
      return tell({ state }, 'termEnds', now, { dueAt: state.term.endsAt });
    case 'settle':
      return settleApproved(state, now);
    case 'extend': {
      const { replyTo, asked, holdsRole } = before;
      if (seen.is === 'unknown') return answered({ state }, replyTo, seen.refusal);
      return { state: askAboutExtension(state, asked, { kind: 'extend', replyTo, asked, holdsRole }, now) };
    }
  }
}
