import { getExternalWorkflowHandle, workflowInfo } from '@temporalio/workflow';
import { everAsked, reviewersNow } from '../domain/approval.ts';
import type { PanelNote } from '../domain/approval.ts';
import type { NotificationEvent, NotificationKind } from '../domain/notification.ts';
import { OUTCOMES } from '../domain/outcome.ts';
import { CHILD_PROGRESS } from '../domain/onboarding/messages.ts';
import type { ChildProgress } from '../domain/onboarding/messages.ts';
import { activePanel, answerFor } from '../domain/view.ts';
import type { RequestView } from '../domain/view.ts';
import { tell } from './outbox.ts';
import type { Record } from './record.ts';
import type { Run } from './run.ts';

/** Lets people hear of something, where anybody is to be told. It is on its way when this returns; nobody waits for it. */
export async function tellPeople(
  kind: NotificationKind,
  { record }: { readonly record: Record },
  more: Pick<NotificationEvent, 'dueAt' | 'code' | 'message'> = {},
): Promise<void> {
  if (!record.kept?.settings.notify) return;
  await tell(eventOf(kind, record, more));
}

function eventOf(
  kind: NotificationKind,
  { view, memory }: Record,
  more: Pick<NotificationEvent, 'dueAt' | 'code' | 'message'>,
): NotificationEvent {
  const { request, id, runId, dueAt } = view;
  const panel = activePanel(view);
  const { channelArn, memberArn, requestedBy, type, reason: why } = request;
  // What the requester may be told is what anybody is told here.
  const { reason, error } = answerFor(view);
  const said = reason ?? (error ? { code: error.type, message: error.message } : undefined);
  return {
    id: memory.nextEvent(),
    kind,
    at: new Date().toISOString(),
    workflowId: id,
    runId,
    request: { channelArn, memberArn, requestedBy, type, ...(why === undefined ? {} : { reason: why }) },
    requester: requestedBy,
    member: memberArn,
    // Who was asked hears how it ended, too.
    approvers: panel ? (isEnd(kind) ? everAsked(panel) : reviewersNow(panel)) : [],
    reviewers: [...new Set((panel?.reviews ?? []).map(({ reviewer }) => reviewer))],
    ...(dueAt === undefined ? {} : { dueAt }),
    ...(said ? { code: said.code, message: said.message } : {}),
    ...more,
  };
}

/** After these nobody is asked any more. */
function isEnd(kind: NotificationKind): boolean {
  return (OUTCOMES as readonly string[]).includes(kind) || kind === 'overridden';
}

const KINDS: { readonly [K in PanelNote['kind']]?: NotificationKind } = {
  remind: 'remind',
  escalate: 'escalated',
  stage: 'pending',
};

export async function tellPanelNotes(notes: readonly PanelNote[], run: Run): Promise<void> {
  for (const { kind, binding, stage } of notes) {
    const told = KINDS[kind];
    if (told) await tellPeople(told, run, { message: `${binding}, stage ${stage}` });
  }
}

/** Tells the onboarding that this request is a step of. */
export async function tellParent({ id, state, outcome, grant }: RequestView): Promise<void> {
  const { parent } = workflowInfo();
  if (!parent) return;
  const progress: ChildProgress = { id, state, outcome, ...(grant ? { grant } : {}) };
  await getExternalWorkflowHandle(parent.workflowId)
    .signal(CHILD_PROGRESS, progress)
    // An onboarding that ended meanwhile does not ask any more.
    .catch(() => undefined);
}
