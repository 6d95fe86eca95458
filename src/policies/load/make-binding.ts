import { bind, factsOf } from '../binding.ts';
import type { MatchCondition, PolicyBinding } from '../binding.ts';
import { acceptedNames } from '../cel/suggest.ts';
import { boundedCel } from '../cel/bounded.ts';
import { compileCel } from '../cel/compile.ts';
import type { Policy } from '../policy.ts';
import { timeProblems, timesOf } from './binding-times.ts';
import type { Problem } from './load-issue.ts';
import { distinctProblems, roleProblems } from './role-problems.ts';
import type { BindingEntry } from './set-schema.ts';
import { problemsOf } from './zod-problems.ts';

/** Puts a binding together; its problems have paths from the binding on. `facts`, `names`: all facts and bindings there are. */
export function makeBinding(
  entry: BindingEntry,
  policy: Policy,
  { facts, names }: { readonly facts: readonly string[]; readonly names: readonly string[] },
): { readonly binding?: PolicyBinding; readonly problems: readonly Problem[] } {
  const { name, enforcement, failurePolicy } = entry;
  const conditions = compileConditions(entry, facts);
  const params = checkParams(entry.params ?? {}, policy);
  const problems = [...conditions.problems, ...params, ...timeProblems(entry, policy)];
  if (problems.length > 0) return { problems };
  const { matchConditions } = conditions;
  const bound = bind(policy, entry.params, { name, enforcement, failurePolicy, matchConditions });
  const binding = { ...bound, ...timesOf(entry, bound) };
  const roles = [...roleProblems(binding, facts), ...distinctProblems(binding, names)];
  const unknown = roles.length > 0 ? roles : unknownFacts(binding, facts);
  return unknown.length > 0 ? { problems: unknown } : { binding, problems };
}

/** The conditions of a binding, compiled; also where its policy could not be loaded. */
export function compileConditions(
  { matchConditions }: Pick<BindingEntry, 'matchConditions'>,
  facts: readonly string[],
) {
  const problems: Problem[] = [];
  const compiled = matchConditions.flatMap(({ name, expression }, index): MatchCondition[] => {
    const result = compileCel(expression, { facts });
    if (result.ok) return [{ name, program: boundedCel(result.program, { facts }) }];
    const { message, accepted, line, column } = result;
    const path = ['matchConditions', index, 'expression'];
    const within = line === undefined ? {} : { within: { line, column: column ?? 1 } };
    problems.push({ path, message, accepted, ...within });
    return [];
  });
  return { matchConditions: compiled, problems };
}

function checkParams(params: unknown, policy: Policy): Problem[] {
  try {
    const parsed = policy.params.safeParse(params);
    if (!parsed.success) return problemsOf(parsed.error, params, { at: ['params'], schema: policy.params });
    // Every evaluation gets a copy, and the digest is taken over them.
    JSON.stringify(structuredClone(parsed.data));
    return [];
  } catch (error) {
    const message = `the params cannot be used: ${error instanceof Error ? error.message : String(error)}`;
    return [{ path: ['params'], message, accepted: 'a schema without async parts, whose output is plain data' }];
  }
}

function unknownFacts(binding: PolicyBinding, facts: readonly string[]): Problem[] {
  try {
    const unknown = factsOf(binding).filter((name) => !facts.includes(name));
    return unknown.map((name) => ({
      path: ['use'],
      message: `policy ${binding.policy.id} needs an unknown fact ${name}`,
      accepted: acceptedNames(name, facts),
    }));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return [{ path: ['params'], message: `policy ${binding.policy.id} cannot name its facts: ${message}` }];
  }
}
