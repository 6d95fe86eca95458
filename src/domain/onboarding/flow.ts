import { z } from 'zod';
import { CHIME_ROLES, RoleName } from '../requirement.ts';
import { namesIn } from './condition.ts';
import { declaredParams, line, Params } from './params.ts';
import type { FlowProblem } from './params.ts';
import { ACCEPTED_IN_STEP, MAX_TITLE, Step } from './step.ts';
import { chosenIn, fillParams, misplacedIn, placeholdersIn } from './template.ts';

/** Moderators and admins, where a flow says nothing else. */
const BY_OFFICE = { roles: [...CHIME_ROLES] };

/**
 * Who may start it: those who hold one of the roles on every channel of the flow, or anyone, for nobody but themselves.
 * A role of its own is a fact that a policy provides.
 */
const StartedBy = z
  .union([z.literal('anyone'), z.strictObject({ roles: z.array(RoleName).min(1).max(20) })])
  .default(BY_OFFICE);

export const FlowName = z
  .string()
  .max(48)
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);

/** A declared onboarding: steps in order. */
export const Flow = z.strictObject({
  apiVersion: z.literal('onboarding/v1'),
  name: FlowName,
  title: line(MAX_TITLE).exactOptional(),
  startedBy: StartedBy,
  params: Params,
  steps: z.array(Step).min(1).max(100),
});
export type Flow = z.output<typeof Flow>;

export type ReadFlow =
  { readonly ok: true; readonly flow: Flow } | { readonly ok: false; readonly problems: readonly FlowProblem[] };

/** Says in words what a schema found; the host has a better one, which sees lines. */
export type Explain = (error: z.ZodError, value: unknown) => readonly FlowProblem[];

const MAX_CHARACTERS = 100_000;
const MAX_DEPTH = 40;
const TOO_BIG: FlowProblem = {
  path: [],
  message: 'is too big',
  accepted: `at most ${MAX_CHARACTERS} characters, ${MAX_DEPTH} levels deep`,
};

/** Reads a flow with its params put in: with values for all of them, those of `paramsOf` or `sampleParams`. Never throws. */
export function readFlow(
  written: unknown,
  given: Readonly<Record<string, string>>,
  explain: Explain = plainly,
): ReadFlow {
  if (isTooBig(written)) return bad([TOO_BIG]);
  const declared = declaredParams(written);
  const misplaced = misplacedIn(written, declared);
  const filled = fillParams(written, declared, given);
  const parsed = Flow.safeParse(filled);
  const said = new Set(misplaced.map(({ path }) => path.join('.')));
  const found = parsed.success
    ? [...problemsIn(parsed.data), ...leftToAnyone(written, parsed.data)]
    : explain(parsed.error, filled);
  const problems = [...misplaced, ...found.filter(({ path }) => !said.has(path.join('.')))];
  return parsed.success && problems.length === 0 ? { ok: true, flow: parsed.data } : bad(problems);
}

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

/** Who starts a flow for themselves must choose neither where the system speaks in its own name, nor who decides. */
function leftToAnyone(written: unknown, { startedBy, steps }: Flow): FlowProblem[] {
  if (startedBy !== 'anyone') return [];
  const chosen = chosenIn(written).filter(([, index]) => steps[Number(index)]?.kind !== 'join');
  return chosen.map((path) => ({
    path,
    message: 'is a param, which anyone who starts this flow would choose',
    accepted: 'an ARN; or startedBy: { roles: […] }',
  }));
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

/** Whether nobody should go through a value at all. */
function isTooBig(value: unknown): boolean {
  return isTooDeep(value) || (JSON.stringify(value)?.length ?? 0) > MAX_CHARACTERS;
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
