import { z } from 'zod';
import { parseArn } from '../domain/arn.ts';
import { boundsIssue, cut, EVENT_BOUNDS, fewIssues, type FieldIssue } from '../domain/bounds.ts';
import { NOTIFICATION_KINDS, type NotificationEvent } from '../domain/notification.ts';
import { MEMBERSHIP_TYPES, type Parsed } from '../domain/request.ts';
import { UserOrBotArn } from './fields.ts';

const Instant = z.iso.datetime({ offset: true });
const Id = z.string().min(1).max(1_000);
/** None where an onboarding has to do with no channel. */
const SomeChannel = z
  .string()
  .refine((text) => text === '' || parseArn(text)?.kind === 'channel', 'the ARN of a channel');
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
    channelArn: SomeChannel,
    memberArn: UserOrBotArn,
    requestedBy: UserOrBotArn,
    type: z.enum(MEMBERSHIP_TYPES),
    reason: z.string().max(1_024).exactOptional(),
  }),
  requester: UserOrBotArn,
  member: UserOrBotArn,
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
