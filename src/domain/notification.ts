import { cut } from './bounds.ts';
import type { JoinRequest } from './request.ts';

export const NOTIFICATION_KINDS = [
  /** People have to review. */
  'pending',
  'inputNeeded',
  'changesRequested',
  'amended',
  'remind',
  'escalated',
  'overridden',
  'incident',
  'joined',
  'alreadyMember',
  'denied',
  'expired',
  'withdrawn',
  'failed',
  'termEnds',
  'extended',
  'notExtended',
  'revoked',
  /** Steps of an onboarding. */
  'onboardingInput',
  'onboardingReview',
  'onboardingIncident',
  'onboardingWaits',
  'onboardingEnded',
] as const;
export type NotificationKind = (typeof NOTIFICATION_KINDS)[number];

/** Something that people should hear of. Who hears of it, and how, is for the routing rules to say. */
export interface NotificationEvent {
  /** The same for the same event, whatever is tried again: `<workflow id>/<run id of the first run>/<number>`. */
  readonly id: string;
  readonly kind: NotificationKind;
  /** ISO 8601. */
  readonly at: string;
  /** The workflow that it is about. */
  readonly workflowId: string;
  readonly runId: string;
  readonly request: Pick<JoinRequest, 'channelArn' | 'memberArn' | 'requestedBy' | 'type' | 'reason'>;
  /** User ARNs. */
  readonly requester: string;
  readonly member: string;
  /** None where it is about joining. */
  readonly purpose?: 'extend';
  /** Who may review now; when it has ended, whoever was asked. */
  readonly approvers: readonly string[];
  /** Who has reviewed. */
  readonly reviewers: readonly string[];
  /** By when something has to be done, ISO 8601. */
  readonly dueAt?: string;
  /** Why, as the requester may be told: a code and a sentence. */
  readonly code?: string;
  readonly message?: string;
  /** A ban or a HIDDEN membership is behind it: why is for nobody but the requester, who may hold an office. */
  readonly confidential?: boolean;
}

/** What an event makes of a person: who they are to it. It decides how they are spoken to, and what they may know. */
export const RELATIONS = ['requester', 'member', 'approvers', 'reviewers', 'operators', 'users'] as const;
export type Relation = (typeof RELATIONS)[number];

/** One message to one person about one event. */
export interface Delivery {
  /** The same whenever it is tried again: SHA-256 (hex, 32 characters) of event and person. */
  readonly id: string;
  /** The name of a channel of the configuration. */
  readonly channel: string;
  /** User ARN. */
  readonly to: string;
  readonly as: Relation;
}

/** All that a message says, without the lists of people. */
export type NotificationSubject = Omit<NotificationEvent, 'approvers' | 'reviewers'>;

const LONGEST_TEXT = 300;

/** What goes along with each message; what people wrote is cut, since it does so hundreds of times. */
export function subjectOf(event: NotificationEvent): NotificationSubject {
  const { approvers: _approvers, reviewers: _reviewers, ...subject } = event;
  const { request, message } = subject;
  const { reason } = request;
  return {
    ...subject,
    request: { ...request, ...(reason === undefined ? {} : { reason: cut(reason, LONGEST_TEXT) }) },
    ...(message === undefined ? {} : { message: cut(message, LONGEST_TEXT) }),
  };
}

/** Who is to be told, and how patiently. */
export interface Routing {
  readonly deliveries: readonly Delivery[];
  /** All in ms. */
  readonly retry: { readonly initialMs: number; readonly maximumMs: number; readonly forMs: number };
}

/** What came of an event: the result of the workflow `notifyPeople`. */
export interface NotificationReport {
  readonly event: string;
  readonly told: readonly Delivery[];
  /** Given up, with the reason. */
  readonly failed: readonly (Delivery & { readonly because: string })[];
}
