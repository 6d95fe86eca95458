import { z } from 'zod';
import { parseArn } from '../arn.ts';
import { Duration } from '../duration.ts';
import { InputSchema } from '../input-schema.ts';
import { Requirement } from '../requirement.ts';
import { Condition, StepId } from './condition.ts';
import { line } from './params.ts';

export const MAX_TITLE = 100;

const SomeTime = Duration.refine((text) => !/^0+\D/.test(text), 'no time at all');
const ChannelArn = z.string().refine((text) => parseArn(text)?.kind === 'channel', 'the ARN of a channel');

const common = {
  id: StepId,
  /** For people; the id where none is given. */
  title: line(MAX_TITLE).exactOptional(),
  if: Condition.exactOptional(),
  /**
   * `fail`: the onboarding fails; `skip`: it goes on without the step; `compensate-and-stop`: the memberships that it
   * made are removed, the last first; `hold`: an operator decides.
   */
  onFailure: z.enum(['fail', 'skip', 'compensate-and-stop', 'hold']).default('compensate-and-stop'),
};

/** For steps that somebody else has to end. */
const awaited = {
  /** After this the step has failed. */
  dueIn: SomeTime.exactOptional(),
  /** So long before the step is due; without `dueIn`, so long after it began. */
  remind: z.array(SomeTime).max(10).default([]),
};

/** How often a step that failed is tried again by itself, and after what time. */
const retry = z.strictObject({ times: z.number().int().min(1).max(10), after: SomeTime }).exactOptional();

export const Step = z.discriminatedUnion('kind', [
  /** The member joins a channel, through the policies, asked for by who asked for the onboarding. */
  z.strictObject({
    ...common,
    ...awaited,
    kind: z.literal('join'),
    channelArn: ChannelArn,
    type: z.enum(['DEFAULT', 'HIDDEN']).default('DEFAULT'),
    subChannelId: z
      .string()
      .regex(/^[-_a-zA-Z0-9]{1,128}$/)
      .exactOptional(),
    term: SomeTime.exactOptional(),
    retry,
  }),
  /** The member answers questions. */
  z.strictObject({
    ...common,
    ...awaited,
    kind: z.literal('input'),
    prompt: z.string().min(1).max(1024),
    schema: InputSchema,
  }),
  /** The service bearer writes to a channel. */
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
      for: SomeTime.exactOptional(),
      until: z.iso
        .datetime({ offset: true })
        .refine((text) => Date.parse(text) < Date.UTC(2100, 0), 'a time before 2100')
        .exactOptional(),
    })
    .refine(({ for: time, until }) => (time === undefined) !== (until === undefined), {
      path: ['for'],
      message: 'either for or until',
    }),
  /** People who hold an office on a channel approve. */
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
export type Step = z.output<typeof Step>;
export type StepOf<K extends Step['kind']> = Step & { readonly kind: K };

/** What the fields of a step take, where the schema alone does not say it well. */
export const ACCEPTED_IN_STEP: Readonly<Record<string, string>> = {
  kind: 'join, input, message, wait or approval',
  id: 'a name in kebab-case, at most 64 characters, such as welcome-message',
  channelArn: 'the ARN of a channel, or {{params.NAME}} of a param of type channel',
  term: 'a duration such as 8h or 14d',
  dueIn: 'a duration such as 8h or 14d',
  remind: 'a list of durations such as 1d',
  for: 'a duration such as 8h or 14d',
  until: 'a time such as 2027-01-31T08:00:00Z',
  if: 'a condition: { step, is }, { answer, equals }, { param, equals }, { all: […] }, { any: […] } or { not: … }',
  retry: '{ times: 1 to 10, after: a duration }',
  schema: 'a JSON Schema of type object',
  requirement: '{ approvers: { roles: [channel_moderator] }, approve: 1 }, or { stages: […] }',
  text: 'a text of 1 to 3000 characters',
};
