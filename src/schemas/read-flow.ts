import { z } from 'zod';
import { parseArn } from '../domain/arn.ts';
import { fewIssues } from '../domain/bounds.ts';
import { namesIn } from '../domain/onboarding/condition.ts';
import { channelsOf, type Flow as Declared } from '../domain/onboarding/flow.ts';
import { foreignIssue, onboardingIssue, type OnboardingSubject } from '../domain/onboarding/input.ts';
import {
  paramsOf,
  sampleValues,
  type FlowProblem,
  type Params as DeclaredParams,
} from '../domain/onboarding/params.ts';
import type { Step } from '../domain/onboarding/step.ts';
import { chosenIn, fillParams, misplacedIn, placeholdersIn } from '../domain/onboarding/template.ts';
import type { FieldIssue, Parsed } from '../domain/request.ts';
import { ACCEPTED_IN_FLOW, Flow, Params } from './flow.ts';

/** What a flow needs to be told about itself before its params are known. */
const Head = z.looseObject({ params: Params });

/** The params that a flow declares, before anything else of it is read; none where they cannot be read. */
function declaredParams(written: unknown): DeclaredParams {
  return Head.safeParse(written).data?.params ?? {};
}

/** A value of each param that is good in every place, for a flow that is only looked at. */
export function sampleParams(written: unknown): Record<string, string> {
  return sampleValues(declaredParams(written));
}

export type ReadFlow =
  { readonly ok: true; readonly flow: Declared } | { readonly ok: false; readonly problems: readonly FlowProblem[] };

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

/** What no schema of one step sees: steps that name each other, and texts that ask for what is not there. */
function problemsIn({ steps, params }: Declared): FlowProblem[] {
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
function leftToAnyone(written: unknown, { startedBy, steps }: Declared): FlowProblem[] {
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

/** A flow as it was written, with the params of an onboarding put in: which flow and which values count. */
export function instantiate(
  written: unknown,
  { member, params: given }: Pick<OnboardingSubject, 'member' | 'params'>,
): Parsed<{ readonly flow: Declared; readonly params: Readonly<Record<string, string>> }> {
  const home = parseArn(member)?.appInstanceArn;
  const { params, problems } = paramsOf(declaredParams(written), given, home);
  if (problems.length > 0) return no(problems.map((problem) => issueOf(problem)));
  const read = readFlow(written, params);
  if (!read.ok) return no(read.problems.map((problem) => issueOf(problem, 'flow')));
  const elsewhere = channelsOf(read.flow).find((channel) => parseArn(channel)?.appInstanceArn !== home);
  if (elsewhere !== undefined) return no([foreignIssue(`flow: ${elsewhere}`, home)]);
  return { ok: true, value: { flow: read.flow, params } };
}

function issueOf({ path, message, accepted }: FlowProblem, below?: string): FieldIssue {
  const parts = below === undefined ? path : [below, ...path];
  return onboardingIssue(parts.map(String).join('.'), message, accepted ?? 'see docs/onboarding.md');
}

function no(issues: FieldIssue[]): Parsed<never> {
  return { ok: false, issues: fewIssues(issues) };
}
