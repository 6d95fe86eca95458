import { z } from 'zod';
import { parseArn } from '../arn.ts';
import { visible } from '../text.ts';
import { ParamName } from './condition.ts';

/** So much of one param is taken, and so many of them. */
export const MAX_PARAM = 1_024;
export const MAX_PARAMS = 50;

/** One line, in which everything is seen. */
export const line = (max: number) => z.string().min(1).max(max).refine(isPlain, 'one line, without control characters');

const Param = z
  .strictObject({
    /** A channel or user is checked to be one of the member's app instance. */
    type: z.enum(['channel', 'user', 'text']).default('text'),
    description: line(200).exactOptional(),
    default: z.string().exactOptional(),
  })
  .refine(({ type, default: usual }) => usual === undefined || isFit(type, usual, undefined), {
    path: ['default'],
    message: 'no value of its type',
  });

export const Params = z
  .record(ParamName, Param)
  .refine((params) => Object.keys(params).length <= MAX_PARAMS, `at most ${MAX_PARAMS} params`)
  .default({});
export type Params = z.output<typeof Params>;

/** One thing that is wrong with a flow, or with what it is started with. */
export interface FlowProblem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly accepted?: string | undefined;
}

/** What a flow needs to be told about itself before its params are known. */
const Head = z.looseObject({ params: Params });

/** The params that a flow declares, before anything else of it is read; none where they cannot be read. */
export function declaredParams(written: unknown): Params {
  return Head.safeParse(written).data?.params ?? {};
}

/** A value of each param that is good in every place, for a flow that is only looked at. */
export function sampleParams(written: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(declaredParams(written)).map(([name, { type, default: usual }]) => [name, usual ?? SAMPLES[type]]),
  );
}

const HOME = 'arn:aws:chime:us-east-1:111122223333:app-instance/sample';
const SAMPLES = { channel: `${HOME}/channel/sample`, user: `${HOME}/user/sample`, text: 'sample' };

/** The params of a flow with the values that count; what is wrong with those that were given. */
export function paramsOf(
  declared: Params,
  given: Readonly<Record<string, string>>,
  home: string | undefined,
): { readonly params: Record<string, string>; readonly problems: readonly FlowProblem[] } {
  const accepted = Object.keys(declared).join(', ') || 'no params';
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(declared, name));
  const values = Object.entries(declared).map(([name, { type, default: usual }]) => {
    const value = Object.hasOwn(given, name) ? given[name] : usual;
    const message = value === undefined ? 'is missing' : isFit(type, value, home) ? undefined : 'is not valid';
    return { name, value, message, type };
  });
  return {
    params: Object.fromEntries(values.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]]))),
    problems: [
      ...unknown.map((name) => ({ path: ['params', name], message: 'is no param of this flow', accepted })),
      ...values.flatMap(({ name, message, type }) =>
        message ? [{ path: ['params', name], message, accepted: ACCEPTED_PARAM[type] }] : [],
      ),
    ],
  };
}

const ACCEPTED_PARAM = {
  channel: 'the ARN of a channel of the member’s app instance',
  user: 'the ARN of a user of the member’s app instance',
  text: `one line of at most ${MAX_PARAM} characters, without control characters and without {{`,
};

function isFit(type: keyof typeof SAMPLES, value: string, home: string | undefined): boolean {
  if (type === 'text') return value.length <= MAX_PARAM && isPlain(value) && !value.includes('{{');
  const arn = parseArn(value);
  return arn?.kind === type && (home === undefined || arn.appInstanceArn === home);
}

/** Whether it is one line in which everything is seen. */
function isPlain(text: string): boolean {
  return visible(text) === text;
}
