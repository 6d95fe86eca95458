import { shortName } from './arn.ts';
import { toldBinding } from './told.ts';
import { answerFor, type RequestView } from './view.ts';

/** The record as the requester may know it: what an answer withholds is gone, and what people in office wrote. */
export function toldView(view: RequestView): RequestView {
  const { decisions, reason, error } = answerFor(view);
  const told = new Set(decisions.map(({ binding }) => binding));
  const { reason: _reason, error: _error, override: _override, bearer: _bearer, incident, ...rest } = view;
  return {
    ...rest,
    ...toldRequirements(view),
    decisions: view.decisions.filter(({ binding }) => told.has(binding)),
    approvals: view.approvals.map(({ comment: _comment, ...review }) => review),
    notes: view.notes.filter(({ by }) => isParty(view, by)),
    ...(reason ? { reason: { ...reason, visibility: 'full' } } : {}),
    ...(error ? { error } : {}),
    ...(incident ? { incident: { ...incident, error: NOT_TOLD } } : {}),
  };
}

/** What people are asked for, where the requester may know it. */
function toldRequirements(view: RequestView): Pick<RequestView, 'requirements' | 'progress' | 'panel'> {
  const isKnown = ({ binding }: { readonly binding: string }) => toldBinding(binding, view) === binding;
  const { panel } = view;
  const requirements = panel?.requirements.filter(({ requirement }) => isKnown(requirement)) ?? [];
  return {
    requirements: view.requirements.filter(isKnown),
    progress: view.progress.filter(isKnown),
    ...(panel ? { panel: { ...panel, requirements } } : {}),
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
