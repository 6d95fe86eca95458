import { WorkflowExecutionAlreadyStartedError, WorkflowIdReusePolicy } from '@temporalio/common';
import {
  CancellationScope,
  getExternalWorkflowHandle,
  log,
  ParentClosePolicy,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { shortName } from '../../domain/arn.ts';
import type { Outgoing } from '../../domain/engine.ts';
import type { NotificationEvent } from '../../domain/notification.ts';
import { CHILD_PROGRESS, type ChildProgress } from '../../domain/onboarding/messages.ts';
import { summaryText } from '../../domain/text.ts';
import type { notifyPeople } from '../notify.ts';

/** Events on their way to people, and to the workflow that started this one. */
export interface Outbox {
  push(outgoing: readonly Outgoing[]): void;
  isEmpty(): boolean;
  /** Sends what was pushed, in that order. Only their start is waited for: a parent that closes before it starts nothing. Never throws. */
  send(): Promise<void>;
}

export function createOutbox(): Outbox {
  const waiting: Outgoing[] = [];
  return {
    push: (outgoing) => void waiting.push(...outgoing),
    isEmpty: () => waiting.length === 0,
    async send() {
      // All of them are scheduled before the first is awaited.
      const sent = waiting.splice(0).map(async (one) => (one.to === 'people' ? tell(one.event) : signal(one.progress)));
      await Promise.all(sent);
    },
  };
}

/**
 * Puts an event into the outbox: a workflow of its own, which goes on telling people for hours and outlives this one.
 * That nobody could be told must not change what is decided.
 */
async function tell(event: NotificationEvent): Promise<void> {
  try {
    await CancellationScope.nonCancellable(() =>
      startChild<typeof notifyPeople>('notifyPeople', {
        args: [event],
        workflowId: outboxId(event.id),
        // An event is told once, also when it was told long ago.
        workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
        parentClosePolicy: ParentClosePolicy.ABANDON,
        staticSummary: summaryText(summaryOf(event)),
      }),
    );
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return;
    log.warn('nobody is told of an event', { event: event.id, error });
  }
}

/** Its end tells events apart: the run and the number. PostgreSQL keeps 255 characters. */
export function outboxId(event: string): string {
  return `notify:${event.replaceAll(/[^A-Za-z0-9:._@-]/g, ':').slice(-240)}`;
}

/** Lists show it for ever, so it names nobody: a request may become HIDDEN later. */
function summaryOf({ kind, request }: NotificationEvent): string {
  return `Tell people: ${kind}, about ${shortName(request.channelArn)}`;
}

/** Tells the workflow that started this one, an onboarding as a rule, that there is something to look at. */
async function signal(progress: ChildProgress): Promise<void> {
  const { parent, namespace } = workflowInfo();
  if (parent?.namespace !== namespace) return;
  try {
    await getExternalWorkflowHandle(parent.workflowId).signal(CHILD_PROGRESS, progress);
  } catch {
    // An onboarding that ended meanwhile does not ask any more.
  }
}
