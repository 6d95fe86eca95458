import { shortName } from './arn.ts';
import { isoOf } from './approval/counting.ts';
import { timedSteps } from './deadlines.ts';
import { durationMs } from './duration.ts';
import { concat, next, type PlanStep } from './plan-step.ts';
import { timeline } from './plan-timeline.ts';
import type { RequestView } from './view.ts';

/** What is still to come: by time, and then, without a time, once those who are waited for have acted. */
export function futureSteps(view: RequestView): PlanStep[] {
  return [...timedSteps(view), ...untimed(view)];
}

function untimed(view: RequestView): PlanStep[] {
  switch (view.state) {
    case 'evaluating':
      return [call(view, 'If they allow it'), ...beginning(view)];
    case 'pending':
      return oncePeopleActed(view);
    case 'granting':
      return beginning(view);
    case 'incident':
      return view.incident?.during === 'grant' ? [call(view, 'If it is tried again'), ...beginning(view)] : [];
    case 'active':
      return longer(view);
    case 'closed':
      return [];
  }
}

function oncePeopleActed(view: RequestView): PlanStep[] {
  const { waitsFor, panel } = view;
  if (waitsFor === 'input') return [next('Once it is answered: the policies are asked again.'), ...admitted(view)];
  const later = waitsFor !== 'time' && panel ? timeline(panel, 'The request') : [];
  return [...later.filter(({ at }) => at === undefined), ...admitted(view)];
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

function longer({ extension, term }: RequestView): PlanStep[] {
  if (!extension || !term) return [];
  const until = isoOf(Date.parse(term.startedAt) + extension.ms);
  const later = timeline(extension.panel, 'The wish for a longer term').filter(({ at }) => at === undefined);
  return [...later, next(`Once it is approved: the term ends at ${until}.`)];
}
