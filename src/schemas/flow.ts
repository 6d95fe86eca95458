import { z } from 'zod';
import type * as conditions from '../domain/onboarding/condition.ts';
import { KEBAB, MAX_FLOW_NAME } from '../domain/onboarding/flow.ts';
import type * as domain from '../domain/onboarding/flow.ts';
import { isFit, isPlain, MAX_PARAMS } from '../domain/onboarding/params.ts';
import type * as declared from '../domain/onboarding/params.ts';
import { STEP_ENDS } from '../domain/onboarding/condition.ts';
import { MEMBERSHIP_TYPES } from '../domain/request.ts';
import { CHIME_ROLES } from '../domain/requirement.ts';
import { DURATION } from '../domain/duration.ts';
import { ChannelArn, PositiveDuration, schemaOf } from './fields.ts';
import { Requirement, RoleName } from './requirement.ts';
import { InputSchema } from './verdict.ts';

const Text = z.string().max(1_024);
const Scalar = z.union([Text, z.number(), z.boolean()]);
export const StepId = z.string().regex(KEBAB).max(64);
const ParamName = z.string().regex(/^[a-z][A-Za-z0-9]{0,31}$/);

const Condition: z.ZodType<conditions.Condition> = z.lazy(() =>
  z.union([
    z.strictObject({ step: StepId, is: z.enum(STEP_ENDS) }),
    z.strictObject({
      answer: z
        .string()
        .max(200)
        .regex(/^[a-z][a-z0-9-]*\.\w+$/),
      equals: Scalar,
    }),
    z.strictObject({ param: ParamName, equals: Text }),
    z.strictObject({ all: z.array(Condition).min(1).max(20) }),
    z.strictObject({ any: z.array(Condition).min(1).max(20) }),
    z.strictObject({ not: Condition }),
  ]),
);

/** One line, in which everything is seen. */
const line = (max: number) => z.string().min(1).max(max).refine(isPlain, 'one line, without control characters');

const Param = z
  .strictObject({
    type: z.enum(['channel', 'user', 'text']).default('text'),
    description: line(200).exactOptional(),
    default: z.string().exactOptional(),
  })
  .refine(({ type, default: usual }) => usual === undefined || isFit(type, usual, undefined), {
    path: ['default'],
    message: 'no value of its type',
  });

export const Params = schemaOf<declared.Params>()(
  z
    .record(ParamName, Param)
    .refine((params) => Object.keys(params).length <= MAX_PARAMS, `at most ${MAX_PARAMS} params`)
    .default({}),
);

/** At most so many characters has the title of a flow or of a step. */
const MAX_TITLE = 100;

const common = {
  id: StepId,
  title: line(MAX_TITLE).exactOptional(),
  if: Condition.exactOptional(),
  onFailure: z.enum(['fail', 'skip', 'compensate-and-stop', 'hold']).default('compensate-and-stop'),
};

const awaited = {
  dueIn: PositiveDuration.exactOptional(),
  remind: z.array(PositiveDuration).max(10).default([]),
};

const retry = z.strictObject({ times: z.number().int().min(1).max(10), after: PositiveDuration }).exactOptional();

const Step = z.discriminatedUnion('kind', [
  z.strictObject({
    ...common,
    ...awaited,
    kind: z.literal('join'),
    channelArn: ChannelArn,
    type: z.enum(MEMBERSHIP_TYPES).default('DEFAULT'),
    subChannelId: z
      .string()
      .regex(/^[-_a-zA-Z0-9]{1,128}$/)
      .exactOptional(),
    term: PositiveDuration.exactOptional(),
    retry,
  }),
  z.strictObject({
    ...common,
    ...awaited,
    kind: z.literal('input'),
    prompt: z.string().min(1).max(1024),
    schema: InputSchema,
  }),
  z.strictObject({
    ...common,
    kind: z.literal('message'),
    channelArn: ChannelArn,
    text: z.string().min(1).max(3_000),
    retry,
  }),
  z
    .strictObject({
      ...common,
      kind: z.literal('wait'),
      for: PositiveDuration.exactOptional(),
      until: z.iso
        .datetime({ offset: true })
        .refine((text) => Date.parse(text) < Date.UTC(2100, 0), 'a time before 2100')
        .exactOptional(),
    })
    .refine(({ for: time, until }) => (time === undefined) !== (until === undefined), {
      path: ['for'],
      message: 'either for or until',
    }),
  z.strictObject({
    ...common,
    ...awaited,
    kind: z.literal('approval'),
    channelArn: ChannelArn,
    requirement: Requirement.refine(({ distinctFrom }) => distinctFrom === undefined, {
      path: ['distinctFrom'],
      message: 'a step has one requirement: there is no other to be distinct from',
    }),
  }),
]);
/** What the fields of a step take, where the schema alone does not say it well. */
const ACCEPTED_IN_STEP: Readonly<Record<string, string>> = {
  kind: 'join, input, message, wait or approval',
  id: 'a name in kebab-case, at most 64 characters, such as welcome-message',
  channelArn: 'the ARN of a channel, or {{params.NAME}} of a param of type channel',
  term: DURATION,
  dueIn: DURATION,
  remind: 'a list of durations such as 1d',
  for: DURATION,
  until: 'a time such as 2027-01-31T08:00:00Z',
  if: 'a condition: { step, is }, { answer, equals }, { param, equals }, { all: […] }, { any: […] } or { not: … }',
  retry: '{ times: 1 to 10, after: a duration }',
  schema: 'a JSON Schema of type object',
  requirement: '{ approvers: { roles: [channel_moderator] }, approve: 1 }, or { stages: […] }',
  text: 'a text of 1 to 3000 characters',
};

/** Moderators and admins, where a flow says nothing else. */
const BY_OFFICE = { roles: [...CHIME_ROLES] };

const StartedBy = z
  .union([z.literal('anyone'), z.strictObject({ roles: z.array(RoleName).min(1).max(20) })])
  .default(BY_OFFICE);

const FlowName = z.string().max(MAX_FLOW_NAME).regex(KEBAB);

/** A declared onboarding: see `src/domain/onboarding/flow.ts`. */
export const Flow = schemaOf<domain.Flow>()(
  z.strictObject({
    apiVersion: z.literal('onboarding/v1'),
    name: FlowName,
    title: line(MAX_TITLE).exactOptional(),
    startedBy: StartedBy,
    params: Params,
    steps: z.array(Step).min(1).max(100),
  }),
);

/** What the fields of a flow take, by path without numbers. */
export const ACCEPTED_IN_FLOW: Readonly<Record<string, string>> = {
  '': 'a mapping with apiVersion, name, title, startedBy, params and steps',
  apiVersion: 'onboarding/v1',
  name: 'a name in kebab-case, at most 48 characters, such as employee-30-days',
  params: 'a mapping of names to { type: channel, user or text, description?, default? }',
  title: `one line of 1 to ${MAX_TITLE} characters`,
  startedBy:
    'anyone (for oneself alone), or { roles: […] } of channel_moderator, app_instance_admin and facts that policies provide',
  steps: 'a list of 1 to 100 steps',
  ...Object.fromEntries(Object.entries(ACCEPTED_IN_STEP).map(([name, text]) => [`steps.${name}`, text])),
};
