import { inChild, warmUp } from '../../bounded/in-child.ts';
import { siblingScript } from '../../sibling-script.ts';
import { cachedCel, type CelOptions } from './compile.ts';
import type { Evaluation, Selection } from './engine.ts';
import type { CelProgram, CelResult, CelScope, Evaluable, CelRefusal } from './program.ts';

// Everything that people wrote in CEL is compiled and evaluated through here while requests are decided.

const MODULE = siblingScript(import.meta.url, 'engine');

/** An expression of a policy set, compiled when that was loaded; one that takes too much is in error. */
export function boundedCel(program: CelProgram, options: CelOptions): Evaluable {
  const { source, facts } = program;
  return { source, facts, evaluate: (scope) => evaluateCel(program, options, scope) };
}

/** What is plain is evaluated at once, with a small budget: that takes less time than to ask a child process. */
export async function evaluateCel(program: CelProgram, options: CelOptions, scope: CelScope): Promise<CelResult> {
  const { source } = program;
  const plain = program.evaluatePlain(scope);
  if (plain) return plain;
  const input: Evaluation = { source, options, scope };
  try {
    return await inChild<CelResult>({ module: MODULE, call: 'evaluate', input, written: source });
  } catch (error) {
    const message = (error as Error).message;
    return { ok: false, error: message, explain: { text: source.slice(0, 200), error: message } };
  }
}

/** Children take some time to start: a worker has them start before it is asked. */
export function warmUpCel(): Promise<void> {
  const scope = { request: {}, facts: {}, now: new Date(0) };
  warm ??= warmUp({ module: MODULE, call: 'evaluate', input: { source: 'true', options: REVIEWER, scope } });
  return warm;
}

let warm: Promise<void> | undefined;

/** So many evaluations of a plain expression take a small part of what a task may. */
const AT_ONCE = 200;

const SHORT = 300;
const FEW = 20;

const REVIEWER: CelOptions = { facts: [], reviewer: true };

/** Those of whom an expression about reviewers is true. One that takes too much is true of nobody. */
export async function selectReviewers(
  source: string,
  reviewers: Selection['reviewers'],
  request: CelScope['request'],
): Promise<ReadonlySet<string>> {
  const scope = { request, facts: {}, now: new Date(0) };
  const plain = source.length <= SHORT && reviewers.length <= FEW ? plainly(source, reviewers, scope) : undefined;
  if (plain) return plain;
  const groups = Array.from({ length: Math.ceil(reviewers.length / AT_ONCE) }, (_none, index) =>
    reviewers.slice(index * AT_ONCE, (index + 1) * AT_ONCE),
  );
  const chosen = groups.map(async (group) => {
    const input: Selection = { source, options: REVIEWER, scope, reviewers: group };
    const call = { module: MODULE, call: 'select', input, written: source };
    const holds = await inChild<boolean[]>(call).catch((): boolean[] => []);
    return group.filter((_one, index) => holds[index] === true).map(({ arn }) => arn);
  });
  return new Set((await Promise.all(chosen)).flat());
}

/** One or two people are measured whenever somebody reviews, mostly by very short expressions. */
function plainly(source: string, reviewers: Selection['reviewers'], scope: CelScope): ReadonlySet<string> | undefined {
  const compiled = cachedCel(source, REVIEWER);
  if (!compiled.ok) return new Set();
  const chosen = new Set<string>();
  for (const reviewer of reviewers) {
    const result = compiled.program.evaluatePlain({ ...scope, reviewer });
    if (!result) return undefined;
    if (result.ok && result.value === true) chosen.add(reviewer.arn);
  }
  return chosen;
}

/** What is wrong with an expression about reviewers; nothing if it is good. */
export async function reviewerRefusal(source: string): Promise<Pick<CelRefusal, 'message' | 'accepted'> | undefined> {
  const input = { source, options: REVIEWER };
  try {
    return await inChild<CelRefusal | undefined>({ module: MODULE, call: 'refusal', input, written: source });
  } catch (error) {
    return { message: (error as Error).message, accepted: 'an expression that can be compiled' };
  }
}

/** A child process gets a copy of what it is given: no more than it needs. */
export function onlyThose(
  names: readonly string[],
  values: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => Object.hasOwn(values, name)).map((name) => [name, values[name]]));
}
