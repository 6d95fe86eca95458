import { z } from 'zod';
import { FACT_SCHEMAS } from './fact-values.ts';

const ROLES = z.array(z.enum(['channel_moderator', 'app_instance_admin']));
const evaluation = z.enum(['allow', 'deny', 'requireApproval', 'notApplicable', 'error']);
const text = z.string().min(1);

/** Of an expected requirement, only what is written down is compared. */
const ExpectedRequirement = z.strictObject({
  binding: text.exactOptional(),
  approve: z.number().int().exactOptional(),
  approvers: z.strictObject({ roles: ROLES }).exactOptional(),
});

const ExpectedDecision = z.strictObject({
  evaluation: evaluation.exactOptional(),
  action: z.enum(['admit', 'deny', 'pend', 'none']).exactOptional(),
  code: text.exactOptional(),
  message: text.exactOptional(),
});

const OfPolicy = z.strictObject({
  evaluation,
  code: text.exactOptional(),
  message: text.exactOptional(),
  requirement: ExpectedRequirement.exactOptional(),
});

const OfSet = z.strictObject({
  action: z.enum(['admit', 'deny', 'pend', 'alreadyMember']),
  code: text.exactOptional(),
  requirements: z.array(ExpectedRequirement).exactOptional(),
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
    /** What external policies say, by binding: in a test they are never asked. */
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
export type ExpectedRequirement = z.output<typeof ExpectedRequirement>;
