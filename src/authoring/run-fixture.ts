import type { Decision } from '../domain/admission.ts';
import { isOn, type PolicyBinding } from '../policies/binding.ts';
import { decide, knownFacts, type Decided } from './decide.ts';
import { differencesOfPolicy, differencesOfSet, type Difference } from './expectations.ts';
import { acceptedFact } from './facts.ts';
import type { FixtureTarget } from './fixture-target.ts';
import type { ReadyCase, ReadyFixture } from './load-fixture.ts';

export interface CaseResult {
  readonly name: string;
  readonly line: number;
  readonly differences: readonly Difference[];
  /** Why it could not be decided at all. */
  readonly problems: readonly string[];
  readonly decisions: readonly Decision[];
}

export interface FixtureResult {
  readonly file: string;
  readonly target: FixtureTarget;
  readonly cases: readonly CaseResult[];
}

/** Decides every case of a fixture, one after the other. Policies run as in a worker; external ones are never asked. */
export async function runFixture({ file, target, cases }: ReadyFixture): Promise<FixtureResult> {
  const results: CaseResult[] = [];
  for (const one of cases) results.push(await runCase(target, one));
  return { file, target, cases: results };
}

export function passed({ differences, problems }: CaseResult): boolean {
  return differences.length === 0 && problems.length === 0;
}

async function runCase({ set }: FixtureTarget, one: ReadyCase): Promise<CaseResult> {
  const { name, line, request, facts, now, verdicts } = one;
  const decided = await decide(set, request, {
    readFacts: knownFacts(facts),
    now,
    purpose: one.purpose,
    askedBy: one.askedBy,
    termDecided: one.termDecided,
    requestedAt: one.requestedAt,
    answers: one.answers,
    ask: async ({ name: binding }) => verdicts[binding],
  });
  const { decisions } = decided;
  const problems = problemsOf(decided);
  return { name, line, problems, decisions, differences: problems.length > 0 ? [] : differencesOf(one, decided) };
}

function differencesOf({ expect }: ReadyCase, { decisions, conclusion }: Decided): Difference[] {
  if ('evaluation' in expect) return differencesOfPolicy(expect, decisions[0]);
  return conclusion ? differencesOfSet(expect, conclusion, decisions) : [];
}

function problemsOf({ missing, notAsked }: Decided): string[] {
  return [
    ...missing.map((name) => `the fact ${name} is not given: facts: { ${name}: … } (${acceptedFact(name)})`),
    ...notAsked.map(
      ({ origin: { binding } }) =>
        `the external policy ${binding} is not asked in tests: answers: { ${binding}: { verdict: allow } } or { error: text }`,
    ),
  ];
}

/** One thing that fixtures have to reach: a binding, a condition both ways, a reason code. */
export interface Goal {
  readonly kind: 'binding' | 'condition' | 'code';
  /** What is tested: a file or a built-in policy. */
  readonly of: string;
  readonly binding: string;
  /** The code, or the condition with the value that it has to have had. */
  readonly what: string;
  readonly reached: boolean;
}

export interface Coverage {
  /** 0 to 100, rounded down: 100 means all. */
  readonly percent: number;
  readonly goals: readonly Goal[];
  /** Codes that were seen and do not stand in the policy's source as a literal: whether all are tested is not known. */
  readonly unlisted: readonly { readonly of: string; readonly code: string }[];
}

/** What the fixtures reached, taken together: several files may test the same policy. */
export function coverageOf(results: readonly FixtureResult[]): Coverage {
  const byKey = Map.groupBy(results, ({ target }) => target.key);
  const goals = [...byKey.values()].flatMap((same) => {
    const decisions = same.flatMap(({ cases }) => cases.flatMap((one) => one.decisions));
    return same[0] ? goalsOf(same[0].target, decisions) : [];
  });
  const reached = goals.filter((goal) => goal.reached).length;
  const percent = goals.length === 0 ? 100 : Math.floor((100 * reached) / goals.length);
  return { percent, goals, unlisted: results.flatMap(unlistedCodes) };
}

function goalsOf({ key, set, codes }: FixtureTarget, all: readonly Decision[]): Goal[] {
  return set.bindings.filter(isOn).flatMap((binding) => {
    const decisions = all.filter((decision) => decision.binding === binding.name);
    const common = { of: key, binding: binding.name };
    const decided = decisions.some(({ evaluation }) => evaluation !== 'notApplicable');
    return [
      { ...common, kind: 'binding', what: 'applies', reached: decided },
      ...conditionGoals(binding, decisions).map((goal) => ({ ...common, kind: 'condition' as const, ...goal })),
      ...(codes.get(binding.name) ?? []).map((code) => {
        return { ...common, kind: 'code' as const, what: code, reached: decisions.some((one) => one.code === code) };
      }),
    ] satisfies Goal[];
  });
}

function conditionGoals({ matchConditions }: PolicyBinding, decisions: readonly Decision[]) {
  return matchConditions.flatMap(({ name }) =>
    [true, false].map((value) => ({
      what: `${name} is ${value}`,
      reached: decisions.some((one) => saw(one, name, value)),
    })),
  );
}

/** A condition that could not be evaluated is recorded as not true, but was not seen false. */
function saw({ conditions = [], evaluation }: Decision, name: string, value: boolean): boolean {
  const found = conditions.find((condition) => condition.name === name);
  return found?.value === value && (value || evaluation !== 'error');
}

function unlistedCodes({ target, cases }: FixtureResult): { of: string; code: string }[] {
  if (target.kind === 'set') return [];
  const listed = [...target.codes.values()].flat();
  const seen = new Set(cases.flatMap(({ decisions }) => decisions.flatMap(({ code }) => code ?? [])));
  return [...seen]
    .filter((code) => code !== 'POLICY_ERROR' && !listed.includes(code))
    .map((code) => ({ of: target.key, code }));
}
