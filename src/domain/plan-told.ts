import { shortName } from './arn.ts';
import { answerFor } from './view.ts';
import type { RequestView } from './view.ts';

/** The record as the requester may know it: what an answer withholds is gone, and what people in office wrote. */
export function toldView(view: RequestView): RequestView {
  const { decisions, reason, error } = answerFor(view);
  const told = new Set(decisions.map(({ binding }) => binding));
  const { reason: _reason, error: _error, override: _override, bearer: _bearer, incident, ...rest } = view;
  return {
    ...rest,
    decisions: view.decisions.filter(({ binding }) => told.has(binding)),
    approvals: view.approvals.map(({ comment: _comment, ...review }) => review),
    notes: view.notes.filter(({ by }) => isParty(view, by)),
    ...(reason ? { reason: { ...reason, visibility: 'full' } } : {}),
    ...(error ? { error } : {}),
    ...(incident ? { incident: { ...incident, error: NOT_TOLD } } : {}),
  };
}

/** The requester knows of themselves and of the member; who else had a hand in it has no name for them. */
export function toldName(view: RequestView): (arn: string) => string {
  return (arn) => (isParty(view, arn) ? shortName(arn) : 'an approver');
}

function isParty({ request: { requestedBy, memberArn } }: RequestView, arn: string): boolean {
  return [requestedBy, memberArn].includes(arn);
}

const NOT_TOLD = { type: 'Incident', message: 'operators know more' };
