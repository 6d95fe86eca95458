import { durationMs } from '../../domain/duration.ts';
import { isHostFact } from '../../domain/facts.ts';
import { CHIME_ROLES } from '../../domain/requirement.ts';
import { acceptedNames, type Problem } from '../../yaml/problem.ts';
import { problemsOf } from '../../yaml/zod-problems.ts';
import { bind, factsOf, type MatchCondition, type PolicyBinding } from '../binding.ts';
import { builtIns } from '../built-ins.ts';
import { boundedCel } from '../cel/bounded.ts';
import { compileCel } from '../cel/compile.ts';
import { approversIn } from '../params.ts';
import type { Policy } from '../policy.ts';
import { ownRolesIn } from '../roster.ts';
import type { BindingEntry } from './entries.ts';

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

const LONGEST = {
  pure: { ms: 1_500, accepted: 'at most 1500ms: all pure policies share a local activity of 2s' },
  external: { ms: 300_000, accepted: 'at most 5m' },
};

/** What is wrong with the times of a binding; paths begin at the binding. */
function timeProblems({ timeout, retry }: BindingEntry, { kind }: Pick<Policy, 'kind'>): Problem[] {
  const { initialInterval, maximumInterval, scheduleToClose } = retry ?? {};
  const problems: Problem[] = [];
  const refuse = (path: string[], value: string, accepted: string) =>
    problems.push({ path, message: `is ${value}`, accepted });
  if (timeout && durationMs(timeout) > LONGEST[kind].ms) refuse(['timeout'], timeout, LONGEST[kind].accepted);
  if (kind === 'pure' && retry !== undefined) {
    const accepted = 'no retry: it is for external policies';
    problems.push({ path: ['retry'], atKey: true, message: 'a pure policy is not asked again', accepted });
  }
  if (initialInterval && maximumInterval && durationMs(initialInterval) > durationMs(maximumInterval)) {
    refuse(['retry', 'maximumInterval'], maximumInterval, `at least initialInterval, ${initialInterval}`);
  }
  if (timeout && scheduleToClose && durationMs(timeout) > durationMs(scheduleToClose)) {
    refuse(['retry', 'scheduleToClose'], scheduleToClose, `at least timeout, ${timeout}`);
  }
  return problems;
}

/** The times of a binding, in ms: the usual ones give way to those that are written. */
function timesOf(
  { timeout, retry = {} }: BindingEntry,
  usual: Pick<PolicyBinding, 'timeoutMs' | 'retry'>,
): Pick<PolicyBinding, 'timeoutMs' | 'retry'> {
  const [longest, within] = [ms(retry.maximumInterval), ms(retry.scheduleToClose)];
  const timeoutMs = ms(timeout) ?? Math.min(usual.timeoutMs, within ?? Infinity);
  const initialMs = ms(retry.initialInterval) ?? Math.min(usual.retry.initialMs, longest ?? Infinity);
  return {
    timeoutMs,
    retry: {
      initialMs,
      maximumMs: longest ?? Math.max(usual.retry.maximumMs, initialMs),
      maximumAttempts: retry.maximumAttempts ?? usual.retry.maximumAttempts,
      forMs: within ?? Math.max(usual.retry.forMs, timeoutMs),
    },
  };
}

function ms(text: string | undefined): number | undefined {
  return text === undefined ? undefined : durationMs(text);
}

/** Bindings that a requirement is to be distinct from, and that are not there; or its own. */
function distinctProblems({ name, policy, params }: PolicyBinding, names: readonly string[]): Problem[] {
  const { distinctFrom = [] } = builtIns.includes(policy) ? (params as { distinctFrom?: readonly string[] }) : {};
  const others = names.filter((one) => one !== name);
  return distinctFrom.flatMap((one, index) => {
    if (others.includes(one)) return [];
    const message = one === name ? 'a binding cannot be distinct from itself' : `there is no binding ${one}`;
    return [{ path: ['params', 'distinctFrom', index], message, accepted: acceptedNames(one, others) }];
  });
}

/** The policies whose params describe people as requirements do. */
const ASKING = ['approval', 'expression'];

/** Roles that are neither offices of Chime nor facts that a policy of the set provides. `facts`: all that there are. */
function roleProblems({ policy, params }: PolicyBinding, facts: readonly string[]): Problem[] {
  if (!builtIns.includes(policy) || !ASKING.includes(policy.id)) return [];
  const known = [...CHIME_ROLES, ...facts.filter((name) => !isHostFact(name))];
  return approversIn(params).flatMap(({ path, approvers }) =>
    ownRolesIn([approvers])
      .filter((role) => !known.includes(role))
      .map((role) => ({
        path: ['params', ...path, 'roles', approvers.roles?.indexOf(role) ?? 0],
        message: `unknown role ${role}: it is no office of Chime, and no policy of the set provides it`,
        accepted: acceptedNames(role, known),
      })),
  );
}
