import type { z } from 'zod';
import type { Purpose } from '../domain/conclusion.ts';
import type { Facts, FactValues } from '../domain/facts.ts';
import type { InputSchema } from '../domain/input-schema.ts';
import type { JoinRequest } from '../domain/request.ts';
import type { Answers } from '../domain/view.ts';
import { schemaProblems, warmUpSchemas } from '../json-schema/bounded.ts';
import { Verdict } from '../schemas/verdict.ts';
import { factsOf, type PolicyBinding } from './binding.ts';
import { warmUpCel } from './cel/bounded.ts';
import { expression, isAllPlain, type ExpressionParams } from './expression.ts';
import { requirementIssue } from './requirement-check.ts';
import { screening } from './screening.ts';

/** About the asking itself: what the requester answered so far, and since when the request is there. */
export interface Asking {
  /** `extend`: the member is there already, and asks to stay longer. */
  readonly purpose: Purpose;
  /** Who asks, where that is not the requester: somebody else may ask for a longer term. */
  readonly askedBy?: string | undefined;
  readonly requestedAt: Date;
  /** By binding. */
  readonly answers: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** The latest answers to each binding count. */
export function answersByBinding(given: readonly Pick<Answers, 'binding' | 'answers'>[]): Asking['answers'] {
  return Object.fromEntries(given.map(({ binding, answers }) => [binding, answers]));
}

/** A request that is made now, and of which nothing was asked yet. */
export function askedNow(now: Date): Asking {
  return { purpose: 'join', requestedAt: now, answers: {} };
}

export type PolicyLog = (binding: string, message: string) => void;

/** What a policy is asked about, and with what. */
export interface Question extends Asking {
  readonly request: JoinRequest;
  readonly facts: Facts;
  readonly now: Date;
  readonly log: PolicyLog;
  /** The names of all bindings of the set: a requirement may name others of them. */
  readonly bindings?: readonly string[];
  /** Aborted from outside, such as when an activity is cancelled. */
  readonly signal?: AbortSignal;
  /** The same at every attempt to ask this; none where nothing is asked again. */
  readonly questionId?: string;
}

/**
 * Asks one policy. Whatever it does (throw, never answer, answer nonsense), the answer is a Verdict or an Error, and an
 * Error is logged.
 */
export async function runPolicy(binding: PolicyBinding, question: Question): Promise<Verdict | Error> {
  const result = await ask(binding, question);
  if (result instanceof Error) question.log(binding.name, `the policy could not decide: ${result.message}`);
  return result;
}

async function ask(binding: PolicyBinding, question: Question): Promise<Verdict | Error> {
  const { name, policy, params, timeoutMs } = binding;
  await childrenFor(binding, question);
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), timeoutMs);
  const signal = question.signal ? AbortSignal.any([timeout.signal, question.signal]) : timeout.signal;
  try {
    // Each policy gets copies of its own, so that none can change what another one sees.
    const values = valuesFor(binding, question.facts);
    const context = {
      params: structuredClone(params),
      facts: structuredClone(values),
      signal,
      log: limited((message) => question.log(name, message)),
      now: new Date(question.now),
      askedBy: question.askedBy ?? question.request.requestedBy,
      ...askingOf(name, question),
      ...(question.questionId === undefined ? {} : { questionId: question.questionId }),
    };
    const late = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error(`no answer within ${timeoutMs} ms`)));
    });
    const answer = await Promise.race([
      (async () => policy.evaluate(structuredClone(question.request), context))(),
      late,
    ]);
    return await checked(
      answer,
      values,
      question.bindings?.filter((one) => one !== name),
    );
  } catch (error) {
    return Object.assign(new Error(textOf(error)), isFinal(error) ? { nonRetryable: true } : {});
  } finally {
    clearTimeout(timer);
  }
}

/** The time of an evaluation begins when the child process is there that it needs. */
async function childrenFor({ name, policy, params }: PolicyBinding, { answers }: Question): Promise<void> {
  if (policy === expression && !isAllPlain(params as ExpressionParams)) await warmUpCel();
  if (policy === screening && Object.hasOwn(answers, name)) await warmUpSchemas();
}

function askingOf(binding: string, { purpose, requestedAt, answers }: Asking) {
  const given = Object.hasOwn(answers, binding) ? answers[binding] : undefined;
  return { purpose, requestedAt: new Date(requestedAt), ...(given ? { answers: structuredClone(given) } : {}) };
}

/** Whether a policy says that asking it again cannot help, also one of another copy of this package. */
export function isFinal(thrown: unknown): boolean {
  return thrown instanceof Error && 'nonRetryable' in thrown && thrown.nonRetryable === true;
}

/** What was thrown may have no text, and to ask for it may throw again. */
function textOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.message) : String(thrown);
  } catch {
    return 'it threw something without a text';
  }
}

async function checked(
  answer: unknown,
  values: Readonly<Record<string, unknown>>,
  others: readonly string[] | undefined,
): Promise<Verdict | Error> {
  const parsed = Verdict.safeParse(answer);
  if (parsed.success) {
    const { data } = parsed;
    if (data.verdict === 'requireInput') return (await schemaError(data.schema)) ?? data;
    const issue =
      data.verdict === 'requireApproval' ? await requirementIssue(data.requirement, values, others) : undefined;
    return issue === undefined ? data : new Error(`its requirement cannot be used: ${issue}`);
  }
  const issue = firstOf(parsed.error.issues);
  return new Error(
    `its answer is not a verdict: ${[issue?.path.join('.'), issue?.message].filter(Boolean).join(': ')}`,
  );
}

/** What would not be kept of a schema is not asked: people would be refused, or let in, by something else than it says. */
async function schemaError(schema: InputSchema): Promise<Error | undefined> {
  const [problem] = await schemaProblems(schema);
  if (!problem) return undefined;
  const { path, message, accepted } = problem;
  return new Error(`its schema cannot be used: ${['schema', ...path].join('.')}: ${message} (accepted: ${accepted})`);
}

/** Where a schema has alternatives, the one is meant that knows the fields. */
function firstOf(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue | undefined {
  const [issue] = issues;
  if (issue?.code !== 'invalid_union') return issue;
  const meant = issue.errors.find((errors) => !errors.some(isForeign)) ?? [];
  const found = firstOf(meant);
  return found ? { ...found, path: [...issue.path, ...found.path] } : issue;
}

function isForeign({ code, path }: z.core.$ZodIssue): boolean {
  return code === 'unrecognized_keys' && path.length === 0;
}

function valuesFor(binding: PolicyBinding, facts: Facts): FactValues & Record<string, unknown> {
  const values = factsOf(binding).map((name) => {
    const fact = facts[name];
    if (!fact) throw new Error(`the fact ${name} was not read`);
    if (fact.error !== undefined) throw new Error(`the fact ${name} could not be read: ${fact.error}`);
    return [name, fact.value];
  });
  return Object.fromEntries(values) as FactValues & Record<string, unknown>;
}

const MAX_LINES = 20;
const MAX_LENGTH = 500;

/** A policy that floods the log must not hide what the others say. */
function limited(log: (message: string) => void): (message: string) => void {
  let lines = 0;
  return (message) => {
    lines += 1;
    if (lines <= MAX_LINES) log(String(message).slice(0, MAX_LENGTH));
    if (lines === MAX_LINES) log(`… nothing more of this evaluation is logged after ${MAX_LINES} lines`);
  };
}
