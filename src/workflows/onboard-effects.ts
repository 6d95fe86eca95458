import { ApplicationFailure, ChildWorkflowFailure, WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { getExternalWorkflowHandle, ParentClosePolicy, startChild } from '@temporalio/workflow';
import { childView, type ChildView, type News } from '../domain/onboarding/children.ts';
import type { Effect, Values } from '../domain/onboarding/effects.ts';
import type { Course, State } from '../domain/onboarding/state.ts';
import { summaryText } from '../domain/text.ts';
import { toldError } from '../domain/told.ts';
import type { RequestView } from '../domain/view.ts';
import { activitiesFor, chimeActivities, toRequestError } from './engine/activities.ts';
import type { Effects } from './engine/host.ts';

/** Does what the machine of an onboarding wishes: each effect is one activity, or one thing about a request of its own. */
export const onboardEffects: Effects<State, Effect, Values, News> = {
  prepare: async (effect, { id: workflowId, firstRunId, requestedAt, subject, ...state }) => {
    const actor = 'actor' in state && state.actor ? { actor: state.actor } : {};
    const call = { workflowId, firstRunId, subject, requestedAt, ...actor };
    return activitiesFor(effect, 'Check who asks, and bring the flow').prepareOnboarding(call);
  },

  startChild: async ({ step, id: workflowId, request }, state, tell) => {
    // It goes on whatever becomes of this workflow: its membership is this onboarding's to remove, not Temporal's.
    const child = await startChild('joinChannel', {
      workflowId,
      args: [request],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: summaryText(`Step ${step} of ${courseOf(state).flow.name}`),
    }).catch(notStarted);
    const { firstExecutionRunId: firstRunId } = child;
    void child.result().then(
      (view: RequestView) => tell({ what: 'ended', step, firstRunId, view: childView(view) }),
      (error: unknown) => tell({ what: 'ended', step, firstRunId, view: failedChild(error) }),
    );
    return { firstRunId };
  },
  lookAtChild: async (effect, state) => {
    const { id, firstRunId } = effect;
    return activitiesFor(effect, `Look how ${id} stands`, retryOf(state)).readChild({ id, firstRunId });
  },
  // Cancelling a request in Temporal means withdraw. It may have ended, or somebody else's may have its id.
  withdrawChild: async ({ id }) =>
    getExternalWorkflowHandle(id)
      .cancel()
      .then(
        () => 'asked' as const,
        () => 'unknown' as const,
      ),

  sendMessage: async ({ step, channelArn, text, messageId }, state) => {
    const { serviceBearer, settings } = courseOf(state);
    const chime = chimeActivities(`Send the message ${step}`, serviceBearer, settings);
    return chime.sendMessage({ channelArn, text, messageId });
  },
  removeGrant: async ({ step, grant: { request, grant } }, state) => {
    const { serviceBearer, settings } = courseOf(state);
    const chime = chimeActivities(`Remove what the step ${step} granted`, serviceBearer, settings);
    return chime.removeMembership({ request, grant });
  },

  openReview: async (effect, state) => {
    const { request, approvers, subject } = effect;
    return activitiesFor(effect, READ_ROSTER, retryOf(state)).openReview({ request, approvers, subject });
  },
  readRoster: async (effect, state) => {
    const { request, approvers } = effect;
    return activitiesFor(effect, READ_ROSTER, retryOf(state)).readRoster({ request, approvers });
  },
  confirmRoles: async (effect, state) => {
    const { request, approvers, of: principals } = effect;
    const activities = activitiesFor(effect, 'Check the roles of the earlier reviewers again', retryOf(state));
    return activities.confirmStandings({ principals, request, approvers });
  },
};

const READ_ROSTER = 'Read who could review';

function retryOf(state: State) {
  return courseOf(state).settings.retry;
}

function courseOf(state: State): Course {
  const course = 'course' in state ? state.course : null;
  if (!course) throw new Error('nothing is done before it is prepared');
  return course;
}

function notStarted(error: unknown): never {
  if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  throw ApplicationFailure.nonRetryable(
    'A request of the same asker for the same member and channel is open.',
    'RequestOpen',
    { hint: 'Let it end, or withdraw it; then have the step tried again.' },
  );
}

function failedChild(error: unknown): ChildView {
  const cause = error instanceof ChildWorkflowFailure ? (error.cause ?? error) : error;
  return { state: 'closed', outcome: 'failed', error: toldError(toRequestError(cause), { facts: {} }) };
}
