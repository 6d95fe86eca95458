/**
 * What time does to a request, and when: the one source of the plan, lists, pages, mails and the search attribute
 * `AdmissionDueAt`. The machine's own timer (`join/deadlines.ts`) rings at the first of these times; a test compares them.
 */
import { isoOf } from './approval/counting.ts';
import type { Panel, PanelNote } from './approval/panel.ts';
import { lookAhead, plannedStages } from './plan-stages.ts';
import { next, type PlanStep, type TimedStep } from './plan-step.ts';
import { differences, timeline } from './plan-timeline.ts';
import type { Deadline, RequestView } from './view.ts';

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
  const steps = endingSteps(view);
  const at = steps[0]?.at;
  if (at === undefined) return undefined;
  const told = steps.filter(({ binding }) => binding === undefined || isDisclosed(binding));
  return { at, what: told.map(({ what }) => what).join(' ') || 'The next people are asked.' };
}

function endingSteps(view: RequestView): TimedStep[] {
  const { state, waitsFor, panel, extension, term } = view;
  if (state === 'pending' && waitsFor === 'people' && panel) return stagesEnd(panel, REQUEST);
  if (state !== 'active') return earliest(timedSteps(view));
  return earliest([...(extension && term ? stagesEnd(extension.panel, LONGER) : []), ...termEnds(view)]);
}

function earliest(steps: readonly TimedStep[]): TimedStep[] {
  const first = Math.min(...steps.map(({ at }) => Date.parse(at)));
  return steps.filter(({ at }) => Date.parse(at) === first);
}

/** When the first of the stages that are open now ends, or the one that is named, whatever comes then. */
export function endOfStages(panel: Panel, place?: Pick<PanelNote, 'binding' | 'stage'>): string | undefined {
  return stagesEnd(panel, REQUEST, place)[0]?.at;
}

function stagesEnd(panel: Panel, subject: string, place?: Pick<PanelNote, 'binding' | 'stage'>): TimedStep[] {
  const open = openStages(panel, place);
  let before = panel;
  for (const { at, panel: after } of lookAhead(panel)) {
    const then = openStages(after);
    const isOver = after.result.result !== 'open' || open.some((one) => !then.includes(one));
    if (isOver) return differences(before, after, at, subject);
    before = after;
  }
  return [];
}

const REQUEST = 'The request';
const LONGER = 'The wish for a longer term';

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
  return panel ? timeline(panel, REQUEST).filter(isTimed) : expiry;
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

function whileActive(view: RequestView): TimedStep[] {
  const { term, reason, extension } = view;
  const longer = extension && term ? timeline(extension.panel, LONGER).filter(isTimed) : [];
  const reminders = reason ? [] : (term?.remindAt ?? []);
  return [...longer, ...reminders.flatMap((at) => timed('People hear that the term ends.', at)), ...termEnds(view)];
}

function termEnds({ term, reason }: RequestView): TimedStep[] {
  const what = 'The term ends: the membership is removed, if it is still the one that this request made.';
  return reason ? [] : timed(what, term?.endsAt);
}

function timed(what: string, at: string | undefined, more: Partial<PlanStep> = {}): TimedStep[] {
  return at === undefined ? [] : [{ ...next(what), ...more, at }];
}

function isTimed(step: PlanStep): step is TimedStep {
  return step.at !== undefined;
}
