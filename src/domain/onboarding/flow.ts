import { z } from 'zod';
import { parseArn } from '../arn.ts';
import { namesIn, ParamName } from './condition.ts';
import { ACCEPTED_IN_STEP, Step } from './step.ts';
import { fillParams, placeholdersIn } from './template.ts';

const Param = z.strictObject({
  /** A channel or user is checked to be one of the member's app instance. */
  type: z.enum(['channel', 'user', 'text']).default('text'),
  description: z.string().max(200).exactOptional(),
  default: z.string().max(1024).exactOptional(),
});

/** What a flow needs to be told about itself before its params are known. */
const Head = z.looseObject({ params: z.record(ParamName, Param).default({}) });

/** A declared onboarding: steps in order. */
export const Flow = z.strictObject({
  apiVersion: z.literal('onboarding/v1'),
  name: z
    .string()
    .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/)
    .max(48),
  title: z.string().min(1).max(100).exactOptional(),
  params: z.record(ParamName, Param).default({}),
  steps: z.array(Step).min(1).max(100),
});
export type Flow = z.output<typeof Flow>;

export interface FlowProblem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly accepted?: string | undefined;
}

export type ReadFlow =
  { readonly ok: true; readonly flow: Flow } | { readonly ok: false; readonly problems: readonly FlowProblem[] };

/** Says in words what a schema found; the host has a better one, which sees lines. */
export type Explain = (error: z.ZodError, value: unknown) => readonly FlowProblem[];

const MAX_CHARACTERS = 100_000;
const MAX_DEPTH = 40;

/** Reads a flow of unknown origin, with its params put in. Never throws. */
export function readFlow(
  written: unknown,
  given: Readonly<Record<string, string>>,
  explain: Explain = plainly,
): ReadFlow {
  if (isTooDeep(written) || (JSON.stringify(written)?.length ?? 0) > MAX_CHARACTERS) {
    return bad([
      { path: [], message: 'is too big', accepted: `at most ${MAX_CHARACTERS} characters, ${MAX_DEPTH} levels deep` },
    ]);
  }
  const filled = fillParams(written, { ...defaultsOf(declaredParams(written)), ...given });
  const parsed = Flow.safeParse(filled);
  if (!parsed.success) return bad(explain(parsed.error, filled));
  const problems = problemsIn(parsed.data);
  return problems.length > 0 ? bad(problems) : { ok: true, flow: parsed.data };
}

/** The params that a flow declares, before anything else of it is read; none where they cannot be read. */
export function declaredParams(written: unknown): Flow['params'] {
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
  params: Flow['params'],
  given: Readonly<Record<string, string>>,
  home: string | undefined,
): { readonly params: Record<string, string>; readonly problems: readonly FlowProblem[] } {
  const accepted = Object.keys(params).join(', ') || 'no params';
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(params, name));
  const values = Object.entries(params).map(([name, param]) => {
    const value = Object.hasOwn(given, name) ? given[name] : param.default;
    return {
      name,
      value,
      message: value === undefined ? 'is missing' : paramIssue(param.type, value, home),
      type: param.type,
    };
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
  text: 'a text of at most 1024 characters, without {{ }}',
};

function paramIssue(type: 'channel' | 'user' | 'text', value: string, home: string | undefined): string | undefined {
  if (type === 'text') return value.length > 1024 || value.includes('{{') ? 'is not valid' : undefined;
  const arn = parseArn(value);
  return arn?.kind === type && (home === undefined || arn.appInstanceArn === home) ? undefined : 'is not valid';
}

function defaultsOf(params: Flow['params']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(params).flatMap(([name, { default: usual }]) => (usual === undefined ? [] : [[name, usual]])),
  );
}

/** What the fields of a flow take, by path without numbers. */
export const ACCEPTED_IN_FLOW: Readonly<Record<string, string>> = {
  '': 'a mapping with apiVersion, name, title, params and steps',
  apiVersion: 'onboarding/v1',
  name: 'a name in kebab-case, at most 48 characters, such as employee-30-days',
  params: 'a mapping of names to { type: channel, user or text, description?, default? }',
  steps: 'a list of 1 to 100 steps',
  ...Object.fromEntries(Object.entries(ACCEPTED_IN_STEP).map(([name, text]) => [`steps.${name}`, text])),
};

/** What no schema of one step sees: steps that name each other, and texts that ask for what is not there. */
function problemsIn({ steps, params }: Flow): FlowProblem[] {
  const problems = steps.flatMap((step, index) => {
    const earlier = steps.slice(0, index);
    const at = ['steps', index];
    const named = (path: readonly PropertyKey[], known: readonly string[], name: string, what: string) =>
      known.includes(name)
        ? []
        : [
            {
              path: [...at, ...path],
              message: `there is no ${what} ${name}`,
              accepted: known.join(', ') || `no ${what}`,
            },
          ];
    const fields = fieldsOf(earlier);
    const twice = earlier.some(({ id }) => id === step.id)
      ? [{ path: [...at, 'id'], message: `there is another ${step.id}`, accepted: 'an id of its own' }]
      : [];
    const conditions = (step.if ? namesIn(step.if, ['if']) : []).flatMap(({ path, step: id, answer, param }) => {
      if (id !== undefined)
        return named(
          path,
          earlier.map((one) => one.id),
          id,
          'earlier step',
        );
      if (answer !== undefined) return named(path, fields, answer, 'answer of an earlier step');
      return named(path, Object.keys(params), param ?? '', 'param');
    });
    const asked = step.kind === 'message' ? placeholdersIn(step.text) : [];
    const sources = [
      'member.name',
      'member.id',
      ...Object.keys(params).map((name) => `params.${name}`),
      ...fields.map((field) => `answers.${field}`),
    ];
    return [...twice, ...conditions, ...asked.flatMap((name) => named(['text'], sources, name, 'placeholder'))];
  });
  const anywhere = channelsOf({ steps }).length > 0;
  const nowhere = {
    path: ['steps'],
    message: 'no step has a channel, so that nobody could manage it',
    accepted: 'at least one step of kind join, message or approval',
  };
  return anywhere ? problems : [...problems, nowhere];
}

/** `form.role` and the like: what the input steps ask for. */
function fieldsOf(steps: readonly Step[]): string[] {
  return steps.flatMap((step) => {
    if (step.kind !== 'input') return [];
    const properties = (step.schema['properties'] ?? {}) as Record<string, unknown>;
    return Object.keys(properties).map((field) => `${step.id}.${field}`);
  });
}

/** The channels of a flow, in the order of its steps. */
export function channelsOf({ steps }: Pick<Flow, 'steps'>): string[] {
  return [...new Set(steps.flatMap((step) => ('channelArn' in step ? [step.channelArn] : [])))];
}

function isTooDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) return true;
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []));
  }
  return false;
}

function plainly(error: z.ZodError): readonly FlowProblem[] {
  return error.issues.map(({ path, message }) => ({
    path,
    message,
    accepted: ACCEPTED_IN_FLOW[path.filter((part) => typeof part === 'string').join('.')],
  }));
}

function bad(problems: readonly FlowProblem[]): ReadFlow {
  return { ok: false, problems };
}
