import { getExternalWorkflowHandle, workflowInfo } from '@temporalio/workflow';
import { everAsked, reviewersNow } from '../domain/approval/views.ts';
import type { Panel, PanelNote } from '../domain/approval/panel.ts';
import type { NotificationEvent, NotificationKind } from '../domain/notification.ts';
import { OUTCOMES } from '../domain/outcome.ts';
import { CHILD_PROGRESS } from '../domain/onboarding/messages.ts';
import type { ChildProgress } from '../domain/onboarding/messages.ts';
import { answerFor, isConfidential } from '../domain/view.ts';
import type { Extension, RequestView } from '../domain/view.ts';
import { tell } from './outbox.ts';
import type { Record } from './record.ts';
import type { Run } from './run.ts';

/** Lets people hear of something, where anybody is to be told. It is on its way when this returns; nobody waits for it. */
export async function tellPeople(
  kind: NotificationKind,
  { record }: { readonly record: Record },
  more: More = {},
): Promise<void> {
  if (!record.kept?.settings.notify) return;
  await tell(eventOf(kind, record, more));
}

/** What an event says besides where the request stands. `panel`: who was asked about a longer term that is decided. */
type More = Pick<NotificationEvent, 'dueAt' | 'code' | 'message'> & { readonly panel?: Panel | undefined };

function eventOf(kind: NotificationKind, { view, memory }: Record, { panel: asked, ...more }: More): NotificationEvent {
  const { request, id, runId } = view;
  const extension = extensionOf(kind, view);
  const panel = asked ?? extension?.panel ?? view.panel;
  const dueAt = extension?.panel.dueAt ?? view.dueAt;
  const { channelArn, memberArn, requestedBy, type } = request;
  const { reason: why } = extension ?? request;
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
    ...(extension ? { purpose: 'extend' as const } : {}),
    // Who was asked hears how it ended, too.
    approvers: panel ? (isEnd(kind) ? everAsked(panel) : reviewersNow(panel)) : [],
    reviewers: [...new Set((panel?.reviews ?? []).map(({ reviewer }) => reviewer))],
    ...(dueAt === undefined ? {} : { dueAt }),
    ...(said ? { code: said.code, message: said.message } : {}),
    ...(isConfidential(view) ? { confidential: true } : {}),
    ...more,
  };
}

/** After these nobody is asked any more. */
const ENDS: readonly string[] = [...OUTCOMES, 'overridden', 'extended', 'notExtended'];

function isEnd(kind: NotificationKind): boolean {
  return ENDS.includes(kind);
}

/** While a membership lasts, people are asked about a longer term alone. */
function extensionOf(kind: NotificationKind, { state, extension }: RequestView): Extension | undefined {
  return state === 'active' && kind !== 'termEnds' && !isEnd(kind) ? extension : undefined;
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

/** Tells whoever started this request, an onboarding as a rule, that there is something to look at. */
export async function tellParent({ id, state, outcome, grant }: RequestView): Promise<void> {
  const { parent, namespace } = workflowInfo();
  if (parent?.namespace !== namespace) return;
  const progress: ChildProgress = { id, state, outcome, ...(grant ? { grant } : {}) };
  await getExternalWorkflowHandle(parent.workflowId)
    .signal(CHILD_PROGRESS, progress)
    // An onboarding that ended meanwhile does not ask any more.
    .catch(() => undefined);
}
