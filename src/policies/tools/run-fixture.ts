import type { Decision } from '../../domain/admission.ts';
import type { Decided } from './decide.ts';
import { decide, knownFacts } from './decide.ts';
import { differencesOfPolicy, differencesOfSet } from './expectations.ts';
import type { Difference } from './expectations.ts';
import type { FixtureTarget } from './fixture-target.ts';
import { acceptedFact } from './given-facts.ts';
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
