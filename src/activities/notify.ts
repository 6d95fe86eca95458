import { cancellationSignal } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { cut } from '../domain/bounds.ts';
import { subjectOf, type Delivery, type NotificationSubject, type Routing } from '../domain/notification.ts';
import { isFinal, type Notifications } from '../notifications/notifications.ts';
import { parseEvent } from '../schemas/notification.ts';
import { hasParentOfOurs } from './origin.ts';

export interface NotifyDependencies {
  /** None where nobody is told of anything. */
  readonly notifications?: Notifications | undefined;
  /** Of the workflows that are ours. */
  readonly taskQueue: string;
}

/** Of what a channel says of a failure, in characters: together the failures of an event are the result of its workflow. */
const LONGEST_FAILURE = 500;

/** Anybody could have their own text signed and sent in our name. */
const STRANGER = 'Requests and onboardings start this; nobody else does.';

/** The two steps of telling people; Temporal tries each again when it fails. */
export function createNotifyActivities({ notifications, taskQueue }: NotifyDependencies) {
  const configured = () => {
    if (notifications) return notifications;
    // An event of a worker that has some: during a deployment that one takes it at the next attempt.
    throw ApplicationFailure.retryable('this worker has no ADMISSION_NOTIFICATIONS', 'NotConfigured');
  };
  return {
    /** Who is to be told of an event of unknown origin, and what. */
    async routeNotification(event: unknown): Promise<Routing & { readonly about: NotificationSubject }> {
      const known = configured();
      const parsed = parseEvent(event);
      if (!parsed.ok) {
        const message = parsed.issues.map((issue) => issue.message).join('; ');
        throw ApplicationFailure.nonRetryable(message, 'InvalidEvent');
      }
      if (await hasParentOfOurs(taskQueue)) return { ...known.routing(parsed.value), about: subjectOf(parsed.value) };
      throw ApplicationFailure.nonRetryable(STRANGER, 'InvalidStart', { code: 'InvalidStart', message: STRANGER });
    },
    async deliverNotification(about: NotificationSubject, delivery: Delivery): Promise<void> {
      try {
        await configured().deliver(about, delivery, cancellationSignal());
      } catch (error) {
        if (error instanceof ApplicationFailure) throw error;
        const message = error instanceof Error ? error.message : String(error);
        throw ApplicationFailure.create({
          message: cut(message, LONGEST_FAILURE),
          type: 'DeliveryFailed',
          nonRetryable: isFinal(error),
        });
      }
    },
  };
}
