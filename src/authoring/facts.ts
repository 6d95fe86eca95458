import { z } from 'zod';
import { arnShape, parseArn } from '../domain/arn.ts';
import { isHostFact, type FactName, type FactValues, type Facts } from '../domain/facts.ts';
import type { JoinRequest } from '../domain/request.ts';
import { ownFacts, type PolicySet } from '../policies/policy-set.ts';
import type { Problem } from '../yaml/problem.ts';
import { problemsOf } from '../yaml/zod-problems.ts';

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
const ACCEPTED_FACTS: Record<FactName, string> = {
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

/** Checks facts that somebody wrote down, and makes them facts as a worker would have read them at `now`. */
export function givenFacts(
  given: Readonly<Record<string, unknown>>,
  { set, now, schemas = FACT_SCHEMAS }: { set: PolicySet; now: Date; schemas?: Record<string, z.ZodType> },
): { ok: true; facts: Facts } | { ok: false; problems: readonly Problem[] } {
  const own = ownFacts(set);
  const problems: Problem[] = [];
  const entries = Object.entries(given).map(([name, value]) => {
    const schema = isHostFact(name) ? schemas[name] : undefined;
    if (!schema && !own.has(name)) problems.push(unknownFact(name, [...own.keys()]));
    const parsed = schema?.safeParse(value);
    if (parsed?.error) problems.push(...wrongFact(name, problemsOf(parsed.error, value, { at: [name], schema })));
    return [name, asFact(parsed?.data ?? value, now)] as const;
  });
  return problems.length > 0 ? { ok: false, problems } : { ok: true, facts: Object.fromEntries(entries) };
}

/** Facts that follow from the request alone. */
export function impliedFacts({ chimeBearer }: JoinRequest, now: Date): Facts {
  if (chimeBearer !== undefined) return {};
  return { 'bearer.role': { value: null, source: 'no chimeBearer in the request', readAt: now.toISOString() } };
}

/** What a fact accepts, in words. */
export function acceptedFact(name: string): string {
  return isHostFact(name) ? ACCEPTED_FACTS[name] : 'whatever the policy that brings this fact expects';
}

export function asFact<T>(value: T, now: Date): { value: T; source: string; readAt: string } {
  return { value, source: 'given', readAt: now.toISOString() };
}

function wrongFact(name: string, problems: readonly Problem[]): Problem[] {
  return problems.map((one) => (one.path.length === 1 ? { ...one, accepted: acceptedFact(name) } : one));
}

function unknownFact(name: string, own: readonly string[]): Problem {
  const accepted = [...Object.keys(ACCEPTED_FACTS), ...own].join(', ');
  return { path: [name], atKey: true, message: `there is no fact ${name}`, accepted };
}
