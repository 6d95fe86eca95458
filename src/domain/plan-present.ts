import { shortName } from './arn.ts';
import { openSteps } from './plan-stages.ts';
import { concat, somePeople, type PlanStep } from './plan-step.ts';
import { activePanel, type RequestView } from './view.ts';

/** What is going on, who may act, and until when. */
export function presentSteps(view: RequestView): PlanStep[] {
  switch (view.state) {
    case 'evaluating':
      return [now('The policies are being asked.')];
    case 'pending':
      return waiting(view);
    case 'granting':
      return [
        now(concat(['Chime is called', view.bearer && `as ${shortName(view.bearer)}`, 'until it answers.'], ' ')),
      ];
    case 'incident':
      return mending(view);
    case 'active':
      return [...member(view), ...reviewing(view)];
    case 'closed':
      return [];
  }
}

function now(what: string, more: Partial<PlanStep> = {}): PlanStep {
  return { status: 'now', what, ...more };
}

function waiting(view: RequestView): PlanStep[] {
  if (view.waitsFor === 'input') return answering(view);
  return view.waitsFor === 'time' ? [deferring(view)] : reviewing(view);
}

function answering({ inputs, request }: RequestView): PlanStep[] {
  const people = somePeople([...new Set([request.requestedBy, request.memberArn])]);
  return inputs.map(({ binding, prompt, dueAt: by }) =>
    now(`${binding}: waits for answers. ${prompt}`, { who: 'the requester or the member', ...people, by, binding }),
  );
}

function deferring({ decisions, deferredUntil }: RequestView): PlanStep {
  const why = decisions
    .filter(({ action }) => action === 'defer')
    .map(({ binding, message }) => concat([binding, message], ': '));
  return now(
    `The policies want to wait. ${why.join(' ')}`.trim(),
    deferredUntil === undefined ? {} : { by: deferredUntil },
  );
}

function reviewing(view: RequestView): PlanStep[] {
  const panel = activePanel(view);
  return panel ? openSteps(panel) : [];
}

function mending({ incident, panel }: RequestView): PlanStep[] {
  if (!incident) return [];
  const { during, error, dueAt: by } = incident;
  const failed = during === 'grant' ? 'The member could not be added' : 'The membership could not be removed';
  const admins = (panel?.people ?? []).filter(({ roles }) => roles.includes('app_instance_admin'));
  const what = `${failed} (${error.type}: ${error.message}). An app instance admin has to say whether to try again or to give up.`;
  return [now(what, { who: 'app_instance_admin', ...somePeople(admins.map(({ arn }) => arn)), by })];
}

function member({ request, term, reason, seenAt }: RequestView): PlanStep[] {
  if (reason) return [now(`The membership is being removed (${reason.code}: ${reason.message}).`)];
  const by = term ? { by: term.endsAt } : {};
  const seen = seenAt === undefined ? '' : ` (last seen there ${seenAt})`;
  const [who, where] = [shortName(request.memberArn), shortName(request.channelArn)];
  return [now(`${who} is a member of ${where}${seen}, until the term ends.`, by)];
}
