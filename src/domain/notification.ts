import { z } from 'zod';
import { parseArn } from './arn.ts';
import { boundsIssue, cut, EVENT_BOUNDS, fewIssues } from './bounds.ts';
import type { FieldIssue } from './bounds.ts';
import type { JoinRequest, Parsed } from './request.ts';

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

const Instant = z.iso.datetime({ offset: true });
const Id = z.string().min(1).max(1_000);
/** None where an onboarding has to do with no channel. */
const ChannelArn = z
  .string()
  .refine((text) => text === '' || parseArn(text)?.kind === 'channel', 'the ARN of a channel');
const MemberArn = z.string().refine((text) => ['user', 'bot'].includes(parseArn(text)?.kind ?? ''), 'an ARN');
/** As many as a roster has at most. What they are told together has to fit into one workflow task (4 MB). */
const MOST_PEOPLE = 500;

/** Whoever is no user is told nothing; one of them must not keep the others from being told. */
const People = z.array(z.string().max(1_600)).transform((people) => people.slice(0, MOST_PEOPLE));

/** Nobody is left untold because a text is long. */
const Cut = z.string().transform((text) => cut(text, 2_000));

/** An event of unknown origin. What a newer version says in addition is left out. */
const Event: z.ZodType<NotificationEvent> = z.object({
  id: Id,
  kind: z.enum(NOTIFICATION_KINDS),
  at: Instant,
  workflowId: Id,
  runId: Id,
  request: z.object({
    channelArn: ChannelArn,
    memberArn: MemberArn,
    requestedBy: MemberArn,
    type: z.enum(['DEFAULT', 'HIDDEN']),
    reason: z.string().max(1_024).exactOptional(),
  }),
  requester: MemberArn,
  member: MemberArn,
  purpose: z.literal('extend').exactOptional(),
  approvers: People,
  reviewers: People,
  dueAt: Instant.exactOptional(),
  code: Cut.exactOptional(),
  message: Cut.exactOptional(),
  confidential: z.boolean().exactOptional(),
});

/** Checks an event of unknown origin. Never throws. */
export function parseEvent(input: unknown): Parsed<NotificationEvent> {
  const tooBig = boundsIssue(input, 'event', EVENT_BOUNDS);
  if (tooBig) return { ok: false, issues: [tooBig] };
  const parsed = Event.safeParse(input);
  if (parsed.success) return { ok: true, value: parsed.data };
  const issues = parsed.error.issues.map(({ path, message }): FieldIssue => {
    const field = path.map(String).join('.') || 'event';
    return { field, message: `${field}: ${message}`, accepted: 'an event of a request or an onboarding' };
  });
  return { ok: false, issues: fewIssues(issues) };
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
