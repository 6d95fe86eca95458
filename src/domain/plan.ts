import type { Decision } from './admission.ts';
import { shortName } from './arn.ts';
import type { Conclusion } from './conclusion.ts';
import { imagined } from './plan-conclusion.ts';
import { futureSteps } from './plan-future.ts';
import { pastSteps, type NameOf } from './plan-past.ts';
import { presentSteps } from './plan-present.ts';
import type { Plan, PlanStep } from './plan-step.ts';
import { toldName, toldView } from './plan-told.ts';
import type { JoinRequest } from './request.ts';
import type { RequestView } from './view.ts';

export type { Plan, PlanStep };

/** What happened, what is going on and what is still to come, for operators: with names and reasons. */
export function planOf(view: RequestView): Plan {
  return planned(view, shortName);
}

function planned(view: RequestView, nameOf: NameOf): Plan {
  const { id, state, outcome } = view;
  const future = futureSteps(view);
  const [first] = future;
  return {
    id,
    state,
    outcome,
    steps: [...pastSteps(view, nameOf).toSorted(byTime), ...presentSteps(view), ...future],
    ...(first?.at === undefined ? {} : { next: { what: first.what, at: first.at } }),
  };
}

/** The same for the requester: nobody who may or did decide is named, and nothing is told that an answer withholds. */
export function tellPlan(view: RequestView): Plan {
  const plan = planned(toldView(view), toldName(view));
  return { ...plan, steps: plan.steps.map(withoutPeople) };
}

/** How it would go, were it asked now; nothing is started. `now` is in ms since 1970. */
export function planOfConclusion(
  request: JoinRequest,
  decisions: readonly Decision[],
  conclusion: Conclusion,
  now: number,
  expireAfterMs = THIRTY_DAYS,
): Plan {
  const plan = planOf(imagined({ request, decisions, conclusion, now, expireAfterMs }));
  // Nobody has asked yet: only the policies have answered, and all else comes once somebody does.
  const steps = plan.steps.filter(({ status, who }) => status !== 'done' || who === undefined);
  return { ...plan, steps: steps.map((step) => (isJudgement(step) ? step : { ...step, status: 'next' })) };
}

const THIRTY_DAYS = 30 * 86_400_000;

function isJudgement({ status, binding }: PlanStep): boolean {
  return status === 'done' && binding !== undefined;
}

function withoutPeople({ people: _people, morePeople: _more, ...step }: PlanStep): PlanStep {
  return step;
}

function byTime(a: PlanStep, b: PlanStep): number {
  return timeOf(a) - timeOf(b) || 0;
}

function timeOf({ at }: PlanStep): number {
  return at === undefined ? Infinity : Date.parse(at);
}
