import { z } from 'zod';
import { parseArn } from '../domain/arn.ts';
import { eligibleOf, type Channel, type Eligible, type FactValues } from '../domain/facts.ts';
import { NO_HISTORY } from '../domain/history.ts';
import { parties, type JoinRequest } from '../domain/request.ts';
import { Duration } from '../schemas/fields.ts';
import { Approvers, DistinctFrom, Stage } from '../schemas/requirement.ts';
import { FACT_SCHEMAS } from './facts.ts';

const evaluation = z.enum(['allow', 'deny', 'requireApproval', 'requireInput', 'defer', 'notApplicable', 'error']);
const text = z.string().min(1);

/** Either form of a requirement is compared as a whole; of half a short form, only what is written down. */
const ExpectedRequirement = z
  .strictObject({
    binding: text.exactOptional(),
    approve: z.number().int().exactOptional(),
    approvers: Approvers.exactOptional(),
    stages: z.array(Stage).exactOptional(),
    distinctFrom: DistinctFrom.exactOptional(),
  })
  .refine(({ stages, approve, approvers }) => !stages || (approve ?? approvers) === undefined, {
    path: ['stages'],
    message: 'stages say by themselves who approves',
  });

/** What the requester is asked; only what is written down is compared. */
const ExpectedInput = z.strictObject({
  binding: text.exactOptional(),
  prompt: text.exactOptional(),
  expiresIn: Duration.exactOptional(),
  schema: z.record(z.string(), z.unknown()).exactOptional(),
});

const ExpectedDeferral = z.strictObject({
  until: z.iso.datetime({ offset: true }).exactOptional(),
  giveUpAfter: Duration.exactOptional(),
});

const ExpectedTerm = z.strictObject({ max: Duration, remind: z.array(Duration).exactOptional() });

const ExpectedDecision = z.strictObject({
  evaluation: evaluation.exactOptional(),
  action: z.enum(['admit', 'deny', 'ask', 'defer', 'pend', 'none']).exactOptional(),
  code: text.exactOptional(),
  message: text.exactOptional(),
});

const OfPolicy = z.strictObject({
  evaluation,
  code: text.exactOptional(),
  message: text.exactOptional(),
  requirement: ExpectedRequirement.exactOptional(),
  input: ExpectedInput.exactOptional(),
  defer: ExpectedDeferral.exactOptional(),
  term: ExpectedTerm.exactOptional(),
});

const OfSet = z.strictObject({
  action: z.enum(['admit', 'deny', 'ask', 'defer', 'pend', 'alreadyMember']),
  code: text.exactOptional(),
  requirements: z.array(ExpectedRequirement).exactOptional(),
  inputs: z.array(ExpectedInput).exactOptional(),
  defer: ExpectedDeferral.exactOptional(),
  /** The shortest that a policy allows. */
  term: ExpectedTerm.exactOptional(),
  decisions: z.record(text, ExpectedDecision).exactOptional(),
});

/** Ids may be short: `alice`, `bot/helper`, `board`. What is not said is an outsider who joins a public channel. */
const FixtureRequest = z.strictObject({
  channel: text.exactOptional(),
  member: text.exactOptional(),
  type: z.enum(['DEFAULT', 'HIDDEN']).exactOptional(),
  requestedBy: text.exactOptional(),
  chimeBearer: text.exactOptional(),
  subChannelId: text.exactOptional(),
  reason: text.exactOptional(),
  term: text.exactOptional(),
});

/** As facts are written down in fixtures: with short ids, and of the channel only what differs. */
export const FIXTURE_FACT_SCHEMAS = {
  ...FACT_SCHEMAS,
  channel: FACT_SCHEMAS.channel.partial(),
  moderators: z.array(text),
  admins: z.array(text),
};

const caseOf = <Expect extends z.ZodType>(expect: Expect) =>
  z.strictObject({
    name: text,
    request: FixtureRequest.default({}),
    facts: z.record(text, z.unknown()).default({}),
    now: z.iso.datetime({ offset: true }).default('2026-01-05T12:00:00Z'),
    requestedAt: z.iso.datetime({ offset: true }).exactOptional(),
    purpose: z.enum(['join', 'extend']).default('join'),
    /** Of a longer term: who asks for it, and whether people decided the one that there is, or an office holder set it. */
    askedBy: text.exactOptional(),
    termDecided: z.boolean().exactOptional(),
    /** By binding: the verdict of an external policy, which is never asked in a test; of others, what the requester answered. */
    answers: z.record(text, z.unknown()).default({}),
    expect,
  });

const casesOf = <Expect extends z.ZodType>(expect: Expect) => z.array(caseOf(expect)).min(1);
const params = z.unknown().optional();

export const PolicyFixture = z.strictObject({ policy: text, params, cases: casesOf(OfPolicy) });
export const BuiltInFixture = z.strictObject({ use: text, params, cases: casesOf(OfPolicy) });
export const SetFixture = z.strictObject({ set: text, cases: casesOf(OfSet) });

export type Fixture = z.output<typeof PolicyFixture> | z.output<typeof BuiltInFixture> | z.output<typeof SetFixture>;
export type FixtureCase = Fixture['cases'][number];
type FixtureRequest = z.output<typeof FixtureRequest>;
export type ExpectedOfPolicy = z.output<typeof OfPolicy>;
export type ExpectedOfSet = z.output<typeof OfSet>;
export type ExpectedDecision = z.output<typeof ExpectedDecision>;
export type ExpectedInput = z.output<typeof ExpectedInput>;
export type ExpectedDeferral = z.output<typeof ExpectedDeferral>;
export type ExpectedTerm = z.output<typeof ExpectedTerm>;
export type ExpectedRequirement = z.output<typeof ExpectedRequirement>;

const HOME = 'arn:aws:chime:us-east-1:111122223333:app-instance/home';

/** The request of a fixture in full: alice asks to join lobby, unless it says otherwise. It may still be invalid. */
export function fixtureRequest({ channel = 'lobby', member = 'alice', ...rest }: FixtureRequest): object {
  const channelArn = channel.startsWith('arn:') ? channel : `${HOME}/channel/${channel}`;
  const home = parseArn(channelArn)?.appInstanceArn ?? HOME;
  const { requestedBy, chimeBearer, ...others } = rest;
  return {
    channelArn,
    memberArn: inFull(member, home),
    ...others,
    ...(requestedBy === undefined ? {} : { requestedBy: inFull(requestedBy, home) }),
    ...(chimeBearer === undefined ? {} : { chimeBearer: inFull(chimeBearer, home) }),
  };
}

/** `alice` and `bot/helper` as ARNs of the request's app instance. */
function inFull(id: string, home: string): string {
  if (id.startsWith('arn:')) return id;
  return /^(user|bot)\//.test(id) ? `${home}/${id}` : `${home}/user/${id}`;
}

/** The same, of the app instance that a request is about. */
export function inHomeOf({ channelArn }: Pick<JoinRequest, 'channelArn'>, id: string): string {
  return inFull(id, parseArn(channelArn)?.appInstanceArn ?? HOME);
}

/** Facts as fixtures give them: ids may be short, and of the channel only what differs is said. */
export type FixtureFacts = Partial<Omit<FactValues, 'channel'>> & { channel?: Partial<Channel> };

/**
 * What is so where a fixture does not say otherwise: a PUBLIC RESTRICTED channel with moderators mona and max and admin
 * ada, nobody banned, no membership, and a requester from outside. `approvers` follows from the rosters.
 */
export function fixtureFacts(request: JoinRequest, given: FixtureFacts, askedBy = request.requestedBy): FactValues {
  const home = parseArn(request.channelArn)?.appInstanceArn ?? HOME;
  const inHome = (ids: readonly string[]) => ids.map((id) => inFull(id, home));
  const moderators = inHome(given.moderators ?? ['mona', 'max']);
  const admins = inHome(given.admins ?? ['ada']);
  const role = given['requester.role'] ?? 'outsider';
  return {
    'requester.ban': false,
    'bearer.role': bearerRole(request, role),
    'member.membership': null,
    'member.moderator': moderators.includes(request.memberArn),
    'member.ban': false,
    history: NO_HISTORY,
    approvers: approversOf(parties(request, askedBy), moderators, admins),
    ...given,
    channel: { privacy: 'PUBLIC', mode: 'RESTRICTED', elastic: false, ...given.channel },
    'requester.role': role,
    moderators,
    admins,
  };
}

/** Who makes the call is who asks, or a service bearer, which is an admin. */
function bearerRole({ chimeBearer, requestedBy }: JoinRequest, role: FactValues['requester.role']) {
  if (chimeBearer === undefined) return null;
  return chimeBearer === requestedBy ? role : 'admin';
}

function approversOf(excluded: readonly string[], moderators: readonly string[], admins: readonly string[]): Eligible {
  const may = (arn: string) => parseArn(arn)?.kind === 'user' && !excluded.includes(arn);
  return eligibleOf(moderators.filter(may), admins.filter(may));
}
