import { z } from 'zod';
import { Duration } from '../../schemas/fields.ts';
import { Approvers, DistinctFrom, Stage } from '../../schemas/requirement.ts';
import { FACT_SCHEMAS } from './fact-values.ts';

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
export type FixtureRequest = z.output<typeof FixtureRequest>;
export type ExpectedOfPolicy = z.output<typeof OfPolicy>;
export type ExpectedOfSet = z.output<typeof OfSet>;
export type ExpectedDecision = z.output<typeof ExpectedDecision>;
export type ExpectedInput = z.output<typeof ExpectedInput>;
export type ExpectedDeferral = z.output<typeof ExpectedDeferral>;
export type ExpectedTerm = z.output<typeof ExpectedTerm>;
export type ExpectedRequirement = z.output<typeof ExpectedRequirement>;
