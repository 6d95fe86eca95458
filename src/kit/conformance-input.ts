import type { FactValues } from '../domain/facts.ts';
import type { Purpose } from '../domain/conclusion.ts';
import { parseJoinRequest, type JoinRequest } from '../domain/request.ts';
import { bind, factsOf } from '../policies/binding.ts';
import type { Policy } from '../policies/policy.ts';
import { fixtureFacts, fixtureRequest, inHomeOf } from '../authoring/fixture.ts';

/** A request that a policy is asked about. What is not said is an outsider, alice, who asks to join a public channel. */
export interface ConformanceCase {
  readonly name?: string;
  /** Ids may be short, as in fixtures: `{ member: 'bob', channel: 'board', requestedBy: 'mona' }`. */
  readonly request?: {
    readonly channel?: string;
    readonly member?: string;
    readonly type?: 'DEFAULT' | 'HIDDEN';
    readonly requestedBy?: string;
    readonly chimeBearer?: string;
    readonly subChannelId?: string;
    readonly reason?: string;
    readonly term?: string;
  };
  readonly params?: unknown;
  /** Of the host's facts, what differs; of the policy's own, all. */
  readonly facts?: Readonly<Record<string, unknown>>;
  readonly now?: Date;
  /** When the request was made; at `now`, where nothing is said. */
  readonly requestedAt?: Date;
  readonly purpose?: Purpose;
  /** Who asks for a longer term, such as `mona`; the requester, where nothing is said. */
  readonly askedBy?: string;
  /** What the requester answered to the policy. */
  readonly answers?: Readonly<Record<string, unknown>>;
}

/** What a policy is called with, besides what the host adds at each call. */
export interface Input {
  readonly request: JoinRequest;
  readonly params: unknown;
  readonly facts: Record<string, unknown>;
  readonly now: Date;
  readonly requestedAt: Date;
  readonly purpose: Purpose;
  readonly askedBy: string;
  readonly answers?: Readonly<Record<string, unknown>>;
}

const NOON = new Date('2026-01-05T12:00:00Z');

/** A case in full. Throws where it cannot be made: a bad request, params that the policy refuses, an own fact not given. */
export function inputOf(
  policy: Policy,
  {
    request = {},
    params,
    facts: given = {},
    now = NOON,
    requestedAt = now,
    purpose = 'join',
    askedBy,
    answers,
  }: ConformanceCase,
): Input {
  const parsed = parseJoinRequest(fixtureRequest(request));
  if (!parsed.ok) throw new Error(parsed.issues.map(({ message, accepted }) => `${message}: ${accepted}`).join('; '));
  const binding = bind(policy, params ?? {});
  const all: Record<string, unknown> = { ...fixtureFacts(parsed.value, given) };
  const facts = factsOf(binding).map((name): [string, unknown] => {
    if (!(name in all)) throw new Error(`the case gives no value for the fact ${name}`);
    return [name, all[name]];
  });
  const asker = askedBy === undefined ? parsed.value.requestedBy : inHomeOf(parsed.value, askedBy);
  const asking = { requestedAt, purpose, askedBy: asker, ...(answers ? { answers } : {}) };
  return { request: parsed.value, params: binding.params, facts: Object.fromEntries(facts), now, ...asking };
}

/** Requests that are allowed and seldom thought of. */
export function oddRequests({ request }: Input): readonly (readonly [string, JoinRequest])[] {
  const bot = request.memberArn.replace(/\/user\/.*/, '/bot/helper');
  const odd: Record<string, Partial<JoinRequest>> = {
    'a HIDDEN member': { type: 'HIDDEN' },
    'a bot as the member': { memberArn: bot },
    'a chimeBearer': { chimeBearer: request.requestedBy },
    'a subChannelId': { subChannelId: 'sub_1' },
    'a term': { term: '90d' },
    'a reason of 1024 characters': { reason: '😀'.repeat(512) },
    'a reason with control characters': { reason: '\u0000__proto__\u202E<script>' },
    // Fields may be added: a policy must not fail on what it does not know.
    'an unknown field': { unknownField: { deep: [1, null] } } as Partial<JoinRequest>,
  };
  return Object.entries(odd).map(([name, change]) => [name, { ...request, ...change }]);
}

/** Facts that the policy did not ask for. */
export const EXTRA_FACTS: Partial<FactValues> & Record<string, unknown> = { unknownFact: { deep: [1, null] } };
