import type { Called, Moved } from '../approval/host.ts';
import type { Resolution, Review } from '../approval/panel.ts';
import { approversText } from '../requirement.ts';
import type { CommandResult } from '../commands.ts';
import { answered, openOf, tell, tellAll, withNote, type JoinStep } from './notes.ts';
import { resultOf, viewOf } from './project.ts';
import type { Memory, State } from './state.ts';

/** Tells what an approval moved on to: people of its stages, and everybody who gave a command about it. */
export function reported(state: State, { approval, notes, taken, refused }: Moved, now: number): JoinStep {
  const { result } = approval.panel;
  const told = tellAll({ state }, notes, now);
  const counted = taken.reduce((step, one) => replied(step, one, result, now), told);
  return refused.reduce((step, { caller, refusal }) => answered(step, caller.replyTo, refusal), counted);
}

function replied(step: JoinStep, { event, caller }: Called, result: Resolution, now: number): JoinStep {
  const { by, replyTo, reason } = caller;
  if (event.kind === 'review') {
    const recorded = reviewed(step, event.review, now);
    const view = viewOf(recorded.state);
    return answered(recorded, replyTo, { ...resultOf(view), ...stateAfter(result, view.state) });
  }
  const { state } = step;
  if (event.kind !== 'reassign' || state.state === 'closed' || state.state === 'closing') return step;
  const what = `reassigned ${event.binding} to ${approversText(event.to)}`;
  const noted = withNote(state, { ...by, what, ...(reason === undefined ? {} : { reason }) });
  const recorded = tell({ ...step, state: noted }, 'pending', now);
  return answered(recorded, replyTo, resultOf(viewOf(recorded.state)));
}

function reviewed(step: JoinStep, { reviewer, reviewId, decision, comment }: Review, now: number): JoinStep {
  const { memory } = openOf(step.state);
  const known = { ...step, state: withMemory(step.state, withReview(memory, reviewer, reviewId)) };
  if (decision !== 'requestChanges') return known;
  return tell(known, 'changesRequested', now, comment === undefined ? {} : { message: comment });
}

/** The reviewer is told what follows at once. */
function stateAfter(result: Resolution, state: CommandResult['state']): Partial<CommandResult> {
  if (state === 'active') return {};
  if (result.result === 'approved') return { state: 'granting' };
  return result.result === 'denied' ? { state: 'closed', outcome: 'denied' } : {};
}

export function knowsReview({ reviewIds }: Memory, reviewer: string, reviewId: string | undefined): boolean {
  return reviewId !== undefined && reviewIds.includes(keyOf(reviewer, reviewId));
}

function withReview(memory: Memory, reviewer: string, reviewId: string | undefined): Memory {
  if (reviewId === undefined) return memory;
  return { ...memory, reviewIds: [...memory.reviewIds, keyOf(reviewer, reviewId)].slice(-MAX_REVIEW_IDS) };
}

/** More review ids than anybody gives in earnest; the oldest go first. */
const MAX_REVIEW_IDS = 2_000;

function keyOf(reviewer: string, reviewId: string): string {
  return `${reviewId} ${reviewer}`;
}

function withMemory(state: State, memory: Memory): State {
  return state.state === 'closed' || state.state === 'closing' ? state : { ...state, memory };
}
