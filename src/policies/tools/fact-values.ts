import { z } from 'zod';
import { arnShape, parseArn } from '../../domain/arn.ts';
import type { FactName, FactValues } from '../../domain/facts.ts';

const role = z.enum(['admin', 'moderator', 'member', 'outsider']);
const texts = z.array(z.string());
const count = z.number().int().min(0);
const time = z.iso.datetime({ offset: true });
const when = time.nullable().default(null);
const memberArn = z.string().refine((text) => ['user', 'bot'].includes(parseArn(text)?.kind ?? ''), 'this is no ARN');

/** What each fact of the host looks like when somebody writes it down. */
export const FACT_SCHEMAS = {
  channel: z.strictObject({
    privacy: z.enum(['PUBLIC', 'PRIVATE']),
    mode: z.enum(['RESTRICTED', 'UNRESTRICTED']),
    elastic: z.boolean(),
  }),
  'requester.role': role,
  'requester.ban': z.boolean(),
  'bearer.role': role.nullable(),
  'member.membership': z
    .strictObject({
      type: z.enum(['DEFAULT', 'HIDDEN']),
      name: z.string().exactOptional(),
      invitedBy: memberArn.exactOptional(),
      createdAt: z.iso.datetime({ offset: true }).exactOptional(),
      subChannelId: z.string().exactOptional(),
    })
    .nullable(),
  'member.moderator': z.boolean(),
  'member.ban': z.boolean(),
  moderators: z.array(memberArn),
  admins: z.array(memberArn),
  approvers: z.strictObject({
    channel_moderator: count,
    app_instance_admin: count,
    total: count,
    people: z.array(z.strictObject({ arn: memberArn, roles: texts, matched: texts.default([]) })).exactOptional(),
  }),
  history: z.strictObject({
    open: count.default(0),
    openBefore: count.default(0),
    denied: count.default(0),
    lastDeniedAt: when,
    lastOwnDeniedAt: when,
    isListed: z.boolean().default(true),
    requests: z
      .array(
        z.strictObject({
          requestedAt: time,
          closedAt: when,
          state: z.string(),
          outcome: z.string().nullable().default(null),
        }),
      )
      .default([]),
  }),
} satisfies { [N in FactName]: z.ZodType<FactValues[N]> };

const ROLES = 'admin, moderator, member or outsider';
const BOOLEAN = 'true or false';
const MEMBERS = `a list of ${arnShape('user|bot')}`;

/** The same for people. */
export const ACCEPTED_FACTS: Record<FactName, string> = {
  channel: '{ privacy: PUBLIC or PRIVATE, mode: RESTRICTED or UNRESTRICTED, elastic: true or false }',
  'requester.role': ROLES,
  'requester.ban': BOOLEAN,
  'bearer.role': `${ROLES}, or null without a chimeBearer`,
  'member.membership': 'null, or { type: DEFAULT or HIDDEN, name?, invitedBy?, createdAt?, subChannelId? }',
  'member.moderator': BOOLEAN,
  'member.ban': BOOLEAN,
  moderators: MEMBERS,
  admins: MEMBERS,
  history:
    '{ open?: 1, openBefore?: 1, denied?: 3, lastDeniedAt?: TIME, lastOwnDeniedAt?: TIME, requests?: […] }: of others',
  approvers: '{ channel_moderator: 2, app_instance_admin: 1, total: 3, people? }: how many could approve',
};
