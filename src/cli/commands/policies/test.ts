import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { formatIssue, type LoadIssue } from '../../../yaml/problem.ts';
import { EXIT } from '../../exit-code.ts';
import { io } from '../../io.ts';
import { note, print, printError } from '../../output.ts';

interface TestOptions {
  coverage: boolean;
  json?: boolean;
}

export function addPoliciesTest(policies: Command): void {
  policies
    .command('test')
    .summary('test policies and policy sets with fixtures')
    .description(
      'Runs fixtures: files NAME.test.yaml with requests, facts and what is expected of them. Policies run; external ones do not, the fixture says what they answer.',
    )
    .argument('[files...]', 'fixtures or folders (default: below policies and examples, and beside admission.yaml)')
    .option('--no-coverage', 'do not fail where a binding, condition or reason code is not reached')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExit codes: 0 all passed, 1 a case failed or coverage is below 100 %, 2 a bad fixture.')
    .action(runTests);
}

async function runTests(files: string[], { coverage, json }: TestOptions): Promise<void> {
  const [{ findFixtures, loadFixture }, { runFixture, coverageOf }, { formatTestReport, testReport }] =
    await Promise.all([
      import('../../../authoring/load-fixture.ts'),
      import('../../../authoring/run-fixture.ts'),
      import('../../../authoring/test-report.ts'),
    ]);
  const found = await findFixtures(files);
  if (found.missing.length > 0) return refuse(json, `there is no ${found.missing.join(', ')}`);
  if (found.files.length === 0) return refuse(json, 'there are no fixtures');
  const loaded = await Promise.all(found.files.map(async (file) => loadFixture(await readFile(file, 'utf8'), file)));
  const issues = loaded.flatMap((one) => (one.ok ? [] : one.issues));
  if (issues.length > 0) return showIssues(json, issues);
  const fixtures = loaded.flatMap((one) => (one.ok ? [one.fixture] : []));
  const results = await Promise.all(fixtures.map(runFixture));
  const report = testReport(results, coverage ? coverageOf(results) : undefined);
  print(json, report, () => formatTestReport(report));
  io().exitCode = report.ok ? EXIT.ok : EXIT.problem;
}

function refuse(json: boolean | undefined, message: string): void {
  const accepted = 'files NAME.test.yaml, or folders that hold some';
  printError(json, { code: 'NoFixtures', field: 'files', message, accepted });
}

function showIssues(json: boolean | undefined, issues: readonly LoadIssue[]): void {
  io().exitCode = EXIT.input;
  const error = { code: 'InvalidFixture', message: `${issues.length} mistake(s) in fixtures`, issues };
  if (json) return print(json, { error }, () => []);
  issues.map(formatIssue).forEach(note);
}
