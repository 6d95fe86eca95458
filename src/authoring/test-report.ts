import { cells } from '../domain/text.ts';
import type { Difference } from './expectations.ts';
import { passed, type Coverage, type Goal, type CaseResult, type FixtureResult } from './run-fixture.ts';

/** What `admit policies test` found, as programs read it. */
export interface TestReport {
  readonly ok: boolean;
  readonly passed: number;
  readonly failed: number;
  readonly files: readonly {
    readonly file: string;
    readonly cases: readonly (Omit<CaseResult, 'decisions'> & { readonly ok: boolean })[];
  }[];
  readonly coverage?: Coverage;
}

/** `coverage`: left out where nobody asked for it; then it fails nothing. */
export function testReport(results: readonly FixtureResult[], coverage?: Coverage): TestReport {
  const files = results.map(({ file, cases }) => ({
    file,
    cases: cases.map(({ decisions: _decisions, ...one }) => ({ ...one, ok: passed({ ...one, decisions: [] }) })),
  }));
  const all = files.flatMap(({ cases }) => cases);
  const failed = all.filter(({ ok }) => !ok).length;
  const covered = coverage === undefined || coverage.goals.every(({ reached }) => reached);
  return {
    ok: failed === 0 && covered,
    passed: all.length - failed,
    failed,
    files,
    ...(coverage ? { coverage } : {}),
  };
}

export function formatTestReport(report: TestReport): string[] {
  const { files, passed: good, failed, coverage } = cells(report);
  return [
    ...files.flatMap(({ file, cases }) => [
      file,
      ...cases.flatMap((one) => [
        `  ${one.ok ? 'ok  ' : 'FAIL'}  ${one.name}${one.ok ? '' : ` (line ${one.line})`}`,
        ...one.problems.map((problem) => `          ${problem}`),
        ...one.differences.map((difference) => `          ${differenceText(difference)}`),
      ]),
    ]),
    '',
    ...(coverage ? coverageLines(coverage) : []),
    `${good} passed, ${failed} failed`,
  ];
}

function differenceText({ what, expected, actual }: Difference): string {
  return `${what}: expected ${told(expected)}, got ${told(actual)}`;
}

function told(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}

function coverageLines({ percent, goals, unlisted }: Coverage): string[] {
  const count = (kind: Goal['kind']) => {
    const some = goals.filter((goal) => goal.kind === kind);
    return `${some.filter(({ reached }) => reached).length} of ${some.length}`;
  };
  return [
    `coverage ${percent} %: bindings ${count('binding')}, conditions ${count('condition')}, reason codes ${count('code')}`,
    ...goals.filter(({ reached }) => !reached).map(goalText),
    ...unlisted.map(({ of, code }) => `  note: ${of} gives ${code}, which no literal in it shows; it is not counted`),
  ];
}

function goalText({ kind, of, binding, what }: Goal): string {
  const never = {
    binding: `the binding ${binding} never applies`,
    condition: `the condition of ${binding}: never seen that ${what}`,
    code: `the code ${what} of ${binding} is never given`,
  };
  return `  not covered: ${never[kind]} (${of})`;
}
