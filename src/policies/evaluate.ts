import type { Decision } from '../domain/admission.ts';
import type { FactName, Facts, FactValues } from '../domain/facts.ts';
import type { JoinRequest } from '../domain/request.ts';
import { Verdict } from '../domain/verdict.ts';
import { isOn } from './policy-set.ts';
import type { PolicyBinding, PolicySet } from './policy-set.ts';

export type PolicyLog = (binding: string, message: string) => void;

/** Evaluates every binding side by side; each gives exactly one decision, whatever its policy does. */
export async function evaluate(
  set: PolicySet,
  request: JoinRequest,
  facts: Facts,
  log: PolicyLog,
): Promise<Decision[]> {
  return Promise.all(set.bindings.filter(isOn).map((binding) => decide(binding, request, facts, log)));
}

async function decide(binding: PolicyBinding, request: JoinRequest, facts: Facts, log: PolicyLog): Promise<Decision> {
  const { name, policy, enforcement } = binding;
  const startedAt = performance.now();
  const result = await verdictOf(binding, request, facts, log);
  const record = { binding: name, policy: policy.id, version: policy.version, enforcement };
  return { ...record, ...consequence(binding, result), elapsedMs: Math.round(performance.now() - startedAt) };
}

/** What a verdict does under this binding: Warn and Audit count for nothing, an error is never an allow. */
function consequence(
  { enforcement, failurePolicy }: PolicyBinding,
  result: Verdict | Error,
): Omit<Decision, 'binding' | 'policy' | 'version' | 'enforcement' | 'elapsedMs'> {
  const act = (action: Decision['action']) => (enforcement === 'Enforce' ? action : 'none');
  if (result instanceof Error) {
    const action = { Fail: 'deny', Ignore: 'none', Escalate: 'pend' } as const;
    return {
      evaluation: 'error',
      action: act(action[failurePolicy]),
      code: 'POLICY_ERROR',
      message: `The policy could not decide: ${result.message}`,
    };
  }
  const warnings = result.warnings ? { warnings: result.warnings } : {};
  switch (result.verdict) {
    case 'allow':
      return { evaluation: 'allow', action: act('admit'), ...warnings };
    case 'deny': {
      const { code, message, visibility, field } = result;
      const named = field === undefined ? {} : { field };
      return { evaluation: 'deny', action: act('deny'), code, message, visibility, ...named, ...warnings };
    }
    case 'requireApproval':
      return { evaluation: 'requireApproval', action: act('pend'), requirement: result.requirement, ...warnings };
    case 'notApplicable':
      return { evaluation: 'notApplicable', action: 'none', message: result.because, ...warnings };
  }
}

async function verdictOf(
  { name, policy, params, timeoutMs }: PolicyBinding,
  request: JoinRequest,
  facts: Facts,
  log: PolicyLog,
): Promise<Verdict | Error> {
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), timeoutMs);
  try {
    // Each policy gets copies of its own, so that none can change what another one sees.
    const context = {
      params: structuredClone(params),
      facts: structuredClone(declared(policy.facts, facts)) as FactValues,
      signal: timeout.signal,
      log: (message: string) => log(name, message),
      now: new Date(),
    };
    const late = new Promise<never>((_resolve, reject) => {
      timeout.signal.addEventListener('abort', () => reject(new Error(`no answer within ${timeoutMs} ms`)));
    });
    const answer = await Promise.race([(async () => policy.evaluate(structuredClone(request), context))(), late]);
    const parsed = Verdict.safeParse(answer);
    return parsed.success ? parsed.data : new Error(`its answer is not a verdict: ${parsed.error.issues[0]?.message}`);
  } catch (error) {
    return new Error(textOf(error));
  } finally {
    clearTimeout(timer);
  }
}

/** What was thrown may have no text, and to ask for it may throw again. */
function textOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.message) : String(thrown);
  } catch {
    return 'it threw something without a text';
  }
}

function declared(names: readonly FactName[], facts: Facts): Partial<FactValues> {
  return Object.fromEntries(
    names.map((name) => {
      const fact = facts[name];
      if (!fact) throw new Error(`the fact ${name} was not read`);
      return [name, fact.value];
    }),
  );
}
