import { parseArn } from '../arn.ts';
import { visible } from '../text.ts';

/** So much of one param is taken, and so many of them. */
export const MAX_PARAM = 1_024;
export const MAX_PARAMS = 50;

/** A param that a flow declares. */
export interface Param {
  /** A channel or user is checked to be one of the member's app instance. */
  readonly type: 'channel' | 'user' | 'text';
  readonly description?: string;
  readonly default?: string;
}
export type Params = Readonly<Record<string, Param>>;

/** One thing that is wrong with a flow, or with what it is started with. */
export interface FlowProblem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly accepted?: string | undefined;
}

/** A value of each param that is good in every place, for a flow that is only looked at. */
export function sampleValues(declared: Params): Record<string, string> {
  return Object.fromEntries(
    Object.entries(declared).map(([name, { type, default: usual }]) => [name, usual ?? SAMPLES[type]]),
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

/** A text is a value of a param of this type; `home`: the app instance that channels and users have to be of. */
export function isFit(type: Param['type'], value: string, home: string | undefined): boolean {
  if (type === 'text') return value.length <= MAX_PARAM && isPlain(value) && !value.includes('{{');
  const arn = parseArn(value);
  return arn?.kind === type && (home === undefined || arn.appInstanceArn === home);
}

/** It is one line in which everything is seen. */
export function isPlain(text: string): boolean {
  return visible(text) === text;
}
