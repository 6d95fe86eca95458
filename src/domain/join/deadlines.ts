import { nextDue, type Approval } from '../approval/host.ts';
import type { Deadline } from '../engine.ts';
import type { Open, State } from './state.ts';

/**
 * All that time does next to a request, first things first. The timer, the plan, lists, pages and mails read this and
 * nothing else. While the policies are asked only the end of a membership comes by itself: what they say decides the rest.
 */
export function deadlinesOf(state: State): Deadline[] {
  if (state.state === 'closed' || state.state === 'closing') return [];
  return timesOf(state).toSorted((a, b) => a.at - b.at);
}

export function deadlineOf(state: State): Deadline | undefined {
  return deadlinesOf(state)[0];
}

function timesOf(state: Open): Deadline[] {
  switch (state.state) {
    case 'evaluating':
      return state.pauseUntil === undefined
        ? []
        : [{ at: state.pauseUntil, what: 'Ask the policies once more before the call' }];
    case 'waitingForInput':
      if (state.evaluation) return [];
      return [
        expiry(state.expiresAt),
        ...state.inputs.map(({ binding, dueAt }) => timed(dueAt, `The answers to ${binding} are due ${dueAt}`)),
      ];
    case 'waitingForTime':
      if (state.evaluation) return [];
      return [expiry(state.expiresAt), timed(state.until, `Ask the policies again ${state.until}`)];
    case 'waitingForPeople': {
      if (state.evaluation) return [];
      return peopleDeadline(state.approval);
    }
    case 'incident':
      return [timed(state.dueAt, `Gives up ${state.dueAt}`)];
    case 'active':
      return [timed(state.term.endsAt, `The term ends ${state.term.endsAt}`), ...whileActive(state)];
    case 'granting':
    case 'removing':
      return [];
  }
}

function whileActive({ term, extension, task }: Extract<Open, { state: 'active' }>): Deadline[] {
  if (task) return [];
  const [remindAt] = term.remindAt;
  return [
    ...(remindAt === undefined ? [] : [timed(remindAt, `Remind that the term ends ${term.endsAt}`)]),
    ...(extension ? peopleDeadline(extension.approval) : []),
  ];
}

/** Of the open stages, or of the whole request. */
function peopleDeadline(approval: Approval): Deadline[] {
  const at = nextDue(approval);
  if (at === undefined) return [];
  const { dueAt } = approval.panel;
  return at === Date.parse(dueAt)
    ? [expiry(dueAt)]
    : [{ at, what: `Next step of the reviews ${new Date(at).toISOString()}` }];
}

function expiry(at: string): Deadline {
  return timed(at, `Expires ${at}`);
}

function timed(at: string, what: string): Deadline {
  return { at: Date.parse(at), what };
}
