import { WorkflowExecutionAlreadyStartedError, WorkflowIdReusePolicy } from '@temporalio/common';
import { CancellationScope, log, ParentClosePolicy, startChild } from '@temporalio/workflow';
import { shortName } from '../domain/arn.ts';
import type { NotificationEvent } from '../domain/notification.ts';
import { summaryText } from '../domain/text.ts';
import type { notifyPeople } from './notify.ts';

/**
 * Puts an event into the outbox: a workflow of its own, which goes on telling people for hours and outlives this one.
 * Only its start is waited for. Never throws: that nobody could be told must not change what is decided.
 */
export async function tell(event: NotificationEvent): Promise<void> {
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
