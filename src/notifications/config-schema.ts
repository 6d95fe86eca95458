import { z } from 'zod';
import { isUser, parseArn } from '../domain/arn.ts';
import { DURATION } from '../domain/duration.ts';
import { PositiveDuration } from '../schemas/fields.ts';
import { NOTIFICATION_KINDS } from '../domain/notification.ts';

const Name = z
  .string()
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/)
  .max(64);
const UserArn = z.string().refine(isUser, 'not the ARN of a user');

const Addressees = z.union([
  z.enum(['requester', 'member', 'approvers', 'reviewers', 'operators']),
  z.strictObject({ users: z.array(UserArn).min(1).max(100) }),
]);

const Condition = z
  .strictObject({
    type: z.enum(['DEFAULT', 'HIDDEN']),
    channel: z.string().refine((text) => parseArn(text)?.kind === 'channel', 'not the ARN of a channel'),
  })
  .partial();

/** Who hears of what, and by which channel. For each person the first rule that reaches them counts. */
const Rule = z.strictObject({
  name: z.string().min(1).max(100).exactOptional(),
  when: z.array(z.enum(NOTIFICATION_KINDS)).min(1),
  to: z.array(Addressees).min(1).max(20),
  by: z.string().min(1),
  if: Condition.exactOptional(),
});

const ChannelEntry = z.strictObject({
  name: Name,
  use: z.string().min(1).max(300),
  /** Checked by the channel's own schema. */
  params: z.unknown().optional(),
});

const Retry = z.strictObject({
  initialInterval: PositiveDuration.default('5s'),
  maximumInterval: PositiveDuration.default('10m'),
  scheduleToClose: PositiveDuration.default('24h'),
});

const Link = z.string().refine((text) => {
  const filled = text.replaceAll(/\{(id|run)\}/g, 'x');
  const isWeb = /^https?:$/.test(URL.parse(filled)?.protocol ?? '');
  return isWeb && text.includes('{id}') && !/[{}\s]/.test(filled);
}, 'not an http or https URL with {id}');

/** `notifications.yaml` as it is written. */
export const NotificationsEntry = z.strictObject({
  apiVersion: z.literal('admission/v1'),
  channels: z.array(ChannelEntry).min(1).max(20),
  rules: z.array(Rule).min(1).max(100).exactOptional(),
  operators: z.array(UserArn).max(50).default([]),
  link: Link.exactOptional(),
  retry: Retry.prefault({}),
});
export type NotificationsEntry = z.output<typeof NotificationsEntry>;
export type Rule = z.output<typeof Rule>;

const USERS = 'ARNs of users';

/** What the fields take, where the schema alone does not say it well. */
export const ACCEPTED_IN_NOTIFICATIONS = {
  '': 'a mapping with apiVersion, channels, rules, operators, link and retry',
  apiVersion: 'admission/v1',
  channels: 'a list of 1 to 20 of { name, use, params }',
  'channels.name': 'a name in kebab-case, at most 64 characters, such as moderators-chat',
  'channels.use': 'webhook, email or a file such as ./channels/pager.ts',
  rules: 'a list of 1 to 100 of { name?, when, to, by, if? }; leave it out for the usual ones',
  'rules.when': 'a list of events, such as [pending, remind]',
  'rules.to': 'a list of requester, member, approvers, reviewers, operators and { users: [ARN, …] }',
  'rules.to.users': USERS,
  'rules.by': 'the name of a channel of this file',
  'rules.if': 'a mapping with type and channel',
  'rules.if.channel': 'the ARN of a channel',
  operators: USERS,
  link: 'an http or https URL with {id}, and {run} if it is needed, such as https://admit.example.com/requests/{id}',
  'retry.initialInterval': DURATION,
  'retry.maximumInterval': DURATION,
  'retry.scheduleToClose': DURATION,
};
