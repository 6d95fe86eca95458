import { reviewersNow } from '../approval/views.ts';
import type { PanelNote } from '../approval/panel.ts';
import type { Outgoing } from '../engine.ts';
import type { NotificationKind } from '../notification.ts';
import { channelsOf } from './flow.ts';
import { awaitedUntil } from './deadlines.ts';
import type { Told } from './lifecycle.ts';
import type { Course, State } from './state.ts';
import { isoOf, memberOf, stateOf, stepOf } from './steps.ts';
import { stepView } from './view.ts';

/** Notes of an approval that people hear of. */
export const TOLD_OF_PANEL: { readonly [K in PanelNote['kind']]?: Told['kind'] } = {
  remind: 'remind',
  escalate: 'review',
  stage: 'review',
};

/** Reviewers of the request that a join makes are reminded by its own policies: here who waits for it hears. */
const REMINDERS: { readonly [kind: string]: NotificationKind } = {
  input: 'onboardingInput',
  approval: 'onboardingReview',
  join: 'onboardingWaits',
};

/** The events that people hear of after a transition, in order, and the state that has counted them. */
export function tell(
  before: State,
  after: State,
  told: readonly Told[],
  now: number,
): { readonly state: State; readonly outgoing: readonly Outgoing[] } {
  const course = 'course' in after ? after.course : null;
  if (!course?.settings.notify) return { state: after, outgoing: [] };
  const events = [
    ...told.flatMap(({ kind, ...about }) => {
      const found = kindOf(kind, stepOf(course, about.step)?.kind);
      return found ? [{ kind: found, ...about }] : [];
    }),
    ...(after.state === 'incident' && !isSameIncident(before, after)
      ? [{ kind: 'onboardingIncident', step: after.step } as const]
      : []),
    ...(after.state === 'closed' && before.state !== 'closed' ? [{ kind: 'onboardingEnded' } as const] : []),
  ];
  if (events.length === 0) return { state: after, outgoing: [] };
  const outgoing = events.map((event, index): Outgoing => {
    return { to: 'people', event: eventOf({ ...event, number: after.events + index + 1 }, after, course, now) };
  });
  return { state: { ...after, events: after.events + events.length }, outgoing };
}

function kindOf(kind: Told['kind'], of: string = ''): NotificationKind | undefined {
  switch (kind) {
    case 'input':
      return 'onboardingInput';
    case 'review':
      return 'onboardingReview';
    case 'remind':
      return REMINDERS[of];
  }
}

function isSameIncident(before: State, { step, at }: State & { state: 'incident' }): boolean {
  return before.state === 'incident' && before.step === step && before.at === at;
}

interface Counted extends Partial<Pick<Told, 'step' | 'stage'>> {
  readonly kind: NotificationKind;
  readonly number: number;
}

/** One event, about a step or the whole. */
function eventOf({ kind, step: id, stage, number }: Counted, state: State, course: Course, now: number) {
  const { flow } = course;
  const { requestedBy } = state.subject;
  const step = id === undefined ? undefined : stepOf(course, id);
  const stands = id === undefined ? undefined : stateOf(course, id);
  const { panel, ...times } = stands ? stepView(stands) : {};
  const place = id === undefined || stage === undefined ? undefined : { binding: id, stage };
  const incident = kind === 'onboardingIncident' && state.state === 'incident' ? state : undefined;
  const { arn: member } = memberOf(state);
  const channelArn = step && 'channelArn' in step ? step.channelArn : (channelsOf(flow)[0] ?? '');
  const title = step ? (step.title ?? step.id) : state.state === 'closed' ? state.result.outcome : state.state;
  const dueAt = incident?.dueAt ?? awaitedUntil({ ...times, ...(panel ? { panel } : {}) });
  const error = incident ? `: ${incident.error.type}: ${incident.error.message}` : '';
  return {
    id: `${state.id}/${state.firstRunId}/${number}`,
    kind,
    at: isoOf(now),
    workflowId: state.id,
    runId: state.runId,
    request: { channelArn, memberArn: member, requestedBy, type: isDiscreet(course) ? 'HIDDEN' : 'DEFAULT' } as const,
    requester: requestedBy,
    member,
    approvers: panel ? reviewersNow(panel, place) : [],
    reviewers: [...new Set((panel?.reviews ?? []).map(({ reviewer }) => reviewer))],
    ...(dueAt === undefined ? {} : { dueAt }),
    message: `${flow.title ?? flow.name}: ${title}${error}`,
  };
}

/** A HIDDEN member is not to be found by name. */
function isDiscreet({ flow }: Course): boolean {
  return flow.steps.some((step) => step.kind === 'join' && step.type === 'HIDDEN');
}
