/**
 * What time does to a request, and when: the one source of the plan, lists, pages, mails and the search attribute
 * `AdmissionDueAt`. The machine's own timer (`join/deadlines.ts`) rings at the first of these times; a test compares them.
 */
import { isoOf } from './approval/counting.ts';
import type { Panel, PanelNote } from './approval/panel.ts';
import { lookAhead, plannedStages } from './plan-stages.ts';
import { next } from './plan-step.ts';
import type { PlanStep } from './plan-step.ts';
import { timeline } from './plan-timeline.ts';
import type { Deadline, RequestView } from './view.ts';

/** A step of the plan that comes by itself. */
export type TimedStep = PlanStep & { readonly at: string };

/** Everything that time does if nobody acts, in order. */
export function timedSteps(view: RequestView): TimedStep[] {
  return stepsOf(view)
    .filter((step) => step.at !== undefined)
    .toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

/**
 * When what a request waits for now ends by itself, and what happens then. Reminders and escalations come before, and do not
 * end it; more time that comes by itself is counted in. `isDisclosed`: the bindings that may be named.
 */
export function endOfWait(
  view: RequestView,
  isDisclosed: (binding: string) => boolean = () => true,
): Deadline | undefined {
  const steps = timedSteps(view);
  const at = momentOf(view, steps);
  if (at === undefined) return undefined;
  const texts = steps.flatMap(({ at: then, what, binding }) => {
    const isTold = Date.parse(then) === Date.parse(at) && (binding === undefined || isDisclosed(binding));
    return isTold ? [what] : [];
  });
  return { at, what: texts.join(' ') || 'The next people are asked.' };
}

function momentOf(view: RequestView, steps: readonly TimedStep[]): string | undefined {
  const { state, waitsFor, panel, term, extension } = view;
  if (state === 'active') {
    const ends = [term?.endsAt, extension && endOfStages(extension.panel)];
    return steps.find(({ at }) => ends.includes(at))?.at;
  }
  return state === 'pending' && waitsFor === 'people' && panel ? endOfStages(panel) : steps[0]?.at;
}

/** When the first of the stages that are open now ends, or the one that is named, whatever comes then. */
export function endOfStages(panel: Panel, place?: Pick<PanelNote, 'binding' | 'stage'>): string | undefined {
  const open = openStages(panel, place);
  return lookAhead(panel).find((later) => {
    const then = openStages(later.panel);
    return later.panel.result.result !== 'open' || open.some((one) => !then.includes(one));
  })?.at;
}

function openStages(panel: Panel, place?: Pick<PanelNote, 'binding' | 'stage'>): number[] {
  return plannedStages(panel).flatMap(({ binding, stage, progress }, index) => {
    const isMeant = !place || (binding === place.binding && stage.name === place.stage);
    return progress.status === 'open' && isMeant ? [index] : [];
  });
}

function stepsOf(view: RequestView): TimedStep[] {
  switch (view.state) {
    case 'evaluating':
    case 'granting':
    case 'closed':
      return [];
    case 'pending':
      return whilePending(view);
    case 'incident':
      return givingUp(view);
    case 'active':
      return whileActive(view);
  }
}

function whilePending(view: RequestView): TimedStep[] {
  const { waitsFor, inputs, deferredUntil, panel, expiresAt } = view;
  const expiry = timed('The request expires.', expiresAt);
  if (waitsFor === 'input') {
    const unanswered = inputs.flatMap(({ binding, dueAt }) =>
      timed(`${binding}: the request expires, if it is not answered.`, dueAt, { binding }),
    );
    return [...unanswered, ...expiry];
  }
  if (waitsFor === 'time') {
    return [...timed('The policies are asked again.', deferredUntil), ...givingUpOn(view), ...expiry];
  }
  return panel ? timeline(panel, 'The request').filter(isTimed) : expiry;
}

function givingUpOn({ composition, requestedAt }: RequestView): TimedStep[] {
  if (composition?.action !== 'defer') return [];
  const at = isoOf(Date.parse(requestedAt) + composition.giveUpAfterMs);
  return timed('The request expires, if the policies still want to wait.', at);
}

function givingUp({ incident }: RequestView): TimedStep[] {
  const stays = incident?.during === 'removal' ? ', and the member stays' : '';
  return timed(`The request fails${stays}, if no app instance admin has acted.`, incident?.dueAt);
}

function whileActive({ term, reason, extension }: RequestView): TimedStep[] {
  const longer = extension && term ? timeline(extension.panel, 'The wish for a longer term').filter(isTimed) : [];
  if (!term || reason) return longer;
  return [
    ...longer,
    ...term.remindAt.flatMap((at) => timed('People hear that the term ends.', at)),
    ...timed('The term ends: the membership is removed, if it is still the one that this request made.', term.endsAt),
  ];
}

function timed(what: string, at: string | undefined, more: Partial<PlanStep> = {}): TimedStep[] {
  return at === undefined ? [] : [{ ...next(what), ...more, at }];
}

function isTimed(step: PlanStep): step is TimedStep {
  return step.at !== undefined;
}
