import { approversOf, mayReview, needsJustification } from '../../domain/approval/views.ts';
import { isRefusal } from '../../domain/commands.ts';
import type { CommandOf, CommandResult, Refusal } from '../../domain/commands.ts';
import { refusedRepetition, reviewEvent } from '../../domain/approval/review.ts';
import { activePanel } from '../../domain/view.ts';
import { resultOf } from '../command-result.ts';
import type { End, Handled } from '../end.ts';
import { endOf, take } from '../panel.ts';
import type { Run } from '../run.ts';
import { tellPeople } from '../telling.ts';
import { verify } from '../verification.ts';

/** Takes a review, if its author may give it, and says what it came to. */
export async function review(command: CommandOf<'review'>, run: Run): Promise<Handled> {
  const { record } = run;
  const panel = activePanel(record.view);
  const { actor, reviewId, decision } = command;
  if (!panel) return { answer: NOBODY_ASKED };
  const known = record.memory.knowsReview(actor.principal, reviewId);
  if (!known && command.requestDigest !== undefined && command.requestDigest !== panel.requestDigest) {
    return { answer: { ...CHANGED, accepted: panel.requestDigest } };
  }
  const verified = await verify('review', command, record, { approvers: approversOf(panel), mayRepeat: known });
  if (isRefusal(verified)) return { answer: verified };
  // Given before: it counts once, and giving it again is harmless.
  if (known) return { answer: refusedRepetition(panel, command) ?? resultOf(record.view) };
  const person = { arn: actor.principal, roles: verified.roles, matched: verified.matched };
  if (!mayReview(panel, person)) return { answer: NOT_AN_APPROVER };
  if (command.comment === undefined && needsJustification(panel, person)) return { answer: UNJUSTIFIED };
  const taken = await take(panel, reviewEvent(panel, command, verified, Date.now()), run);
  if (isRefusal(taken)) return { answer: taken };
  record.memory.addReview(actor.principal, reviewId);
  if (decision === 'requestChanges') {
    await tellPeople('changesRequested', run, command.comment === undefined ? {} : { message: command.comment });
  }
  const end = endOf(taken);
  return { answer: { ...resultOf(record.view), ...stateAfter(end, record.view.state) }, ...(end ? { end } : {}) };
}

/** What the reviewer is told: the main loop changes the state right after its answer. */
function stateAfter(end: End | undefined, state: CommandResult['state']): Partial<CommandResult> {
  if (state === 'active') return {};
  if (end?.result === 'approved') return { state: 'granting' };
  return end?.result === 'denied' ? { state: 'closed', outcome: 'denied' } : {};
}

const NOBODY_ASKED: Refusal = { code: 'NotPending', message: 'Nobody is asked to review this request.' };

const NOT_AN_APPROVER: Refusal = {
  code: 'NotAnApprover',
  message: 'You are not among those who may review this request now.',
  field: 'actor.principal',
  accepted: 'who the open stage of a requirement names; never a bot',
};

const UNJUSTIFIED: Refusal = {
  code: 'JustificationRequired',
  message: 'This stage asks for a reason with every review.',
  field: 'comment',
  accepted: '1 to 1024 characters',
};

const CHANGED: Refusal = {
  code: 'RequestChanged',
  message: 'Something else is under review by now: look again, and review what it is.',
  field: 'requestDigest',
};
