import { ChildWorkflowFailure, WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  CancellationScope,
  getExternalWorkflowHandle,
  isCancellation,
  ParentClosePolicy,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { openPanel } from '../../domain/approval/change.ts';
import { looking, requestOf, report, withChild, childView } from '../../domain/onboarding/children.ts';
import type { ChildView } from '../../domain/onboarding/children.ts';
import { failStep, finish, holdRemoval, withoutChild } from '../../domain/onboarding/ending.ts';
import type { OnboardingRecord } from '../../domain/onboarding/state.ts';
import { isoOf, knownOf, stateOf, withStep } from '../../domain/onboarding/steps.ts';
import { messageText } from '../../domain/onboarding/template.ts';
import { withPanel } from '../../domain/onboarding/advance.ts';
import { stepSubject } from '../../domain/onboarding/subject.ts';
import type { StepOf } from '../../domain/onboarding/step.ts';
import type { Todo } from '../../domain/onboarding/todo.ts';
import { approversIn } from '../../domain/requirement.ts';
import type { RequestView } from '../../domain/view.ts';
import { toldError } from '../../domain/told.ts';
import { summaryText } from '../../domain/text.ts';
import { activities, chimeActivities } from '../activity-options.ts';
import { toRequestError } from '../failures.ts';
import type { Change } from './change.ts';
import { prepare } from './prepare.ts';
import type { Kept, Run } from './run.ts';
import { peopleOf } from './verification.ts';

/** One piece of work at a time, in ordinary activities, so that commands are handled while it takes long. */
export interface Work {
  isBusy(): boolean;
  isDone(): boolean;
  /** Whether a request is being started: it has to be known before anything is wound up. */
  isJoining(): boolean;
  start(todo: Todo, run: Run): void;
  /** What it came to, once. */
  take(): Change | undefined;
  /** Gives up what nobody wants any more, such as a message of a step that was skipped. */
  giveUpUnwanted(record: OnboardingRecord): void;
}

const unchanged: Change = (record) => record;

export function createWork(): Work {
  let current: { readonly todo: Todo; readonly scope: CancellationScope; change?: Change } | undefined;
  return {
    isBusy: () => current !== undefined,
    isDone: () => current?.change !== undefined,
    isJoining: () => current?.todo.do === 'join',
    start(todo, run) {
      const working = { todo, scope: new CancellationScope() } as NonNullable<typeof current>;
      current = working;
      void working.scope
        .run(() => perform(todo, run))
        .then(
          (change) => (working.change = change),
          (error: unknown) => (working.change = isCancellation(error) ? unchanged : failed(todo, error)),
        );
    },
    take() {
      const change = current?.change;
      if (change) current = undefined;
      return change;
    },
    giveUpUnwanted(record) {
      if (current && isUnwanted(current.todo, record)) current.scope.cancel();
    },
  };
}

/** What was made must be known: a join that is being started, and a removal, are never given up. */
function isUnwanted(todo: Todo, record: OnboardingRecord): boolean {
  if (todo.do === 'prepare') return record.state !== 'preparing';
  if (todo.do !== 'send' && todo.do !== 'ask') return false;
  return record.state === 'ending' || stateOf(record, todo.step.id)?.status !== 'now';
}

async function perform(todo: Todo, run: Run): Promise<Change> {
  if (todo.do === 'prepare') return prepare(run);
  const { kept } = run;
  if (!kept) throw new Error('nothing is done before it is prepared');
  switch (todo.do) {
    case 'join':
      return join(todo.step, run, kept);
    case 'send':
      return send(todo.step, run, kept);
    case 'ask':
      return ask(todo.step, run, kept);
    case 'look': {
      run.set(looking(run.record, todo.step));
      const view = await activities(`Look how ${todo.child} stands`, kept.settings.retry).readChild({
        id: todo.child,
        firstRunId: todo.firstRunId,
      });
      return (record, at) => report(record, todo.step, view, at);
    }
    case 'withdraw':
      return withdraw(todo, run);
    case 'remove': {
      const { request, grant } = todo.grant;
      const chime = chimeActivities(
        `Remove what the step ${todo.grant.step} granted`,
        kept.serviceBearer,
        kept.settings,
      );
      const settled = await chime.removeMembership({ request, grant });
      return (record) => ({
        ...record,
        grants: record.grants.map((one, index) => (index === todo.index ? { ...one, settled } : one)),
      });
    }
  }
}

/** The request goes on whatever becomes of this workflow: its membership is this onboarding's to remove, not Temporal's. */
async function join(step: StepOf<'join'>, { record, news }: Run, kept: Kept): Promise<Change> {
  const workflowId = kept.requestIds[step.id] ?? '';
  const child = await startChild('joinChannel', {
    workflowId,
    args: [requestOf(record, step)],
    parentClosePolicy: ParentClosePolicy.ABANDON,
    staticSummary: summaryText(`Step ${step.id} of ${record.flow.name}`),
  });
  news.expects(workflowId);
  void child.result().then(
    (view: RequestView) => news.ended(step.id, childView(view)),
    (error: unknown) => news.ended(step.id, failedChild(error)),
  );
  const { firstExecutionRunId: firstRunId } = child;
  return (now) => {
    const started = withChild(now, step.id, { id: workflowId, firstRunId, state: 'open' });
    return stateOf(now, step.id)?.status === 'now' && now.state !== 'ending' ? started : withoutChild(started, step.id);
  };
}

function failedChild(error: unknown): ChildView {
  const cause = error instanceof ChildWorkflowFailure ? (error.cause ?? error) : error;
  return { state: 'closed', outcome: 'failed', error: toldError(toRequestError(cause), { facts: {} }) };
}

async function send(step: StepOf<'message'>, { record }: Run, kept: Kept): Promise<Change> {
  const { workflowId, firstExecutionRunId } = workflowInfo();
  const text = messageText(step.text, { ...knownOf(record), member: record.member });
  const chime = chimeActivities(`Send the message ${step.id}`, kept.serviceBearer, kept.settings);
  const messageId = `${workflowId}/${firstExecutionRunId}/${step.id}`;
  await chime.sendMessage({ channelArn: step.channelArn, text, messageId });
  return (now, at) => (stateOf(now, step.id)?.status === 'now' ? finish(now, step.id, at) : now);
}

/** Nobody waits for an answer: who could review is read as patiently as facts are. */
async function ask(step: StepOf<'approval'>, run: Run, kept: Kept): Promise<Change> {
  const { requirement, channelArn, id } = step;
  const opening = stateOf(run.record, id);
  if (!opening) return unchanged;
  const sought = { request: peopleOf(run, channelArn), approvers: approversIn(requirement) };
  const call = { ...sought, subject: stepSubject(run.record, opening) };
  const { people, reviewDigest } = await activities('Read who could review', kept.settings.retry).openReview(call);
  return (now, at, told) => {
    const state = stateOf(now, id);
    // While it is paused nobody is asked: it is done again when it is resumed, or opened anew.
    const isSame = state?.startedAt === opening.startedAt && state?.tries === opening.tries;
    if (!isSame || state?.status !== 'now' || now.state !== 'running') return now;
    const opened = openPanel({
      requirements: [{ ...requirement, binding: id }],
      people,
      excluded: [now.member.arn, now.requestedBy],
      requestDigest: reviewDigest,
      at,
      dueAt: state.dueAt === undefined ? at + kept.settings.expireAfterMs : Date.parse(state.dueAt),
    });
    return withPanel(now, id, opened, at, told);
  };
}

/** Cancelling a request in Temporal means withdraw. What has become of it is heard, or looked at, afterwards. */
async function withdraw({ step, child }: Todo & { do: 'withdraw' }, { news }: Run): Promise<Change> {
  await getExternalWorkflowHandle(child)
    .cancel()
    // It has ended, or somebody else's request has its id: then there is something to look at.
    .catch(() => news.hinted(child, 'unknown'));
  return (record) => {
    const found = stateOf(record, step)?.child;
    return found ? withStep(record, step, { child: { ...found, withdraw: 'asked' } }) : record;
  };
}

function failed(todo: Todo, error: unknown): Change {
  const reason = toRequestError(error);
  switch (todo.do) {
    case 'prepare':
      return (record, at) => ({ ...record, state: 'closed', outcome: 'failed', error: reason, closedAt: isoOf(at) });
    case 'join': {
      const open = error instanceof WorkflowExecutionAlreadyStartedError;
      return (record, at) => failStep(record, todo.step.id, open ? REQUEST_OPEN : reason, at);
    }
    case 'send':
    case 'ask':
      return (record, at) => failStep(record, todo.step.id, reason, at);
    case 'look':
      return (record, at) => report(record, todo.step, { state: 'closed', outcome: 'failed', error: reason }, at);
    case 'withdraw':
      return (record) => record;
    case 'remove':
      return (record, at) => holdRemoval(record, todo.grant.step, reason, at);
  }
}

const REQUEST_OPEN = {
  type: 'RequestOpen',
  message: 'A request of the same asker for the same member and channel is open.',
  hint: 'Let it end, or withdraw it; then have the step tried again.',
};
