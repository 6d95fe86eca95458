import { isoOf } from './approval/counting.ts';
import { shortName } from './arn.ts';
import { durationMs } from './duration.ts';
import { concat, next } from './plan-step.ts';
import type { PlanStep } from './plan-step.ts';
import { timeline } from './plan-timeline.ts';
import type { RequestView } from './view.ts';

/** What is still to come: by time, and, without a time, once those who are waited for have acted. */
export function futureSteps(view: RequestView): PlanStep[] {
  switch (view.state) {
    case 'evaluating':
      return [call(view, 'If they allow it'), ...beginning(view)];
    case 'pending':
      return pending(view);
    case 'granting':
      return beginning(view);
    case 'incident':
      return givingUp(view);
    case 'active':
      return [...longer(view), ...ending(view)];
    case 'closed':
      return [];
  }
}

function pending(view: RequestView): PlanStep[] {
  const { waitsFor, inputs, deferredUntil, panel, dueAt } = view;
  const expiry = dueAt === undefined ? [] : [next('The request expires.', dueAt)];
  if (waitsFor === 'input') {
    const unanswered = inputs.map((one) => ({
      ...next(`${one.binding}: the request expires, if it is not answered.`, one.dueAt),
      binding: one.binding,
    }));
    return [...unanswered, ...expiry, next('Once it is answered: the policies are asked again.'), ...admitted(view)];
  }
  if (waitsFor === 'time') {
    return [next('The policies are asked again.', deferredUntil), ...givingUpOn(view), ...expiry, ...admitted(view)];
  }
  return [...(panel ? timeline(panel, 'The request') : expiry), ...admitted(view)];
}

function givingUpOn({ composition, requestedAt }: RequestView): PlanStep[] {
  if (composition?.action !== 'defer') return [];
  const at = isoOf(Date.parse(requestedAt) + composition.giveUpAfterMs);
  return [next('The request expires, if the policies still want to wait.', at)];
}

function admitted(view: RequestView): PlanStep[] {
  return [call(view, 'Once it is approved'), ...beginning(view)];
}

function call({ request: { memberArn, channelArn, chimeBearer } }: RequestView, when: string): PlanStep {
  const as = chimeBearer === undefined ? undefined : `as ${shortName(chimeBearer)}`;
  return next(
    concat([`${when}: Chime is called`, as, `so that ${shortName(memberArn)} joins ${shortName(channelArn)}.`], ' '),
  );
}

/** The term, if there is one: the shortest that is asked for or allowed. */
function beginning({ request, decisions }: RequestView): PlanStep[] {
  const limits = decisions.flatMap(({ term, enforcement }) => (term && enforcement === 'Enforce' ? [term.max] : []));
  const [term] = [...limits, ...(request.term === undefined ? [] : [request.term])].toSorted(
    (a, b) => durationMs(a) - durationMs(b),
  );
  if (term === undefined) return [];
  return [
    next(
      `Once the member has joined, the term begins: the membership is removed ${term} later, and people hear of it before.`,
    ),
  ];
}

function givingUp(view: RequestView): PlanStep[] {
  const { incident } = view;
  if (!incident) return [];
  const stays = incident.during === 'removal' ? ', and the member stays' : '';
  return [
    next(`The request fails${stays}, if no app instance admin has acted.`, incident.dueAt),
    ...(incident.during === 'grant' ? [call(view, 'If it is tried again'), ...beginning(view)] : []),
  ];
}

function longer({ extension, term }: RequestView): PlanStep[] {
  if (!extension || !term) return [];
  const until = isoOf(Date.parse(term.startedAt) + extension.ms);
  return [
    ...timeline(extension.panel, 'The wish for a longer term'),
    next(`Once it is approved: the term ends at ${until}.`),
  ];
}

function ending({ term, reason }: RequestView): PlanStep[] {
  if (!term || reason) return [];
  return [
    ...term.remindAt.map((at) => next('People hear that the term ends.', at)),
    next('The term ends: the membership is removed, if it is still the one that this request made.', term.endsAt),
  ];
}
