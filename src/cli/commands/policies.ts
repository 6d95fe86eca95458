import { existsSync } from 'node:fs';
import { mkdir, writeFile, readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { fixtureTemplate, policyTemplate } from '../../authoring/new-policy.ts';
import type { LoadedPolicySet } from '../../policies/load/load-policy-set.ts';
import { formatIssue, type LoadIssue } from '../../yaml/problem.ts';
import { print, printError, EXIT, io, note } from '../output.ts';
import { addPoliciesBacktest, addPoliciesExplain, addPoliciesSimulate } from './policies-try.ts';

export function addPolicies(program: Command): void {
  const policies = program
    .command('policies')
    .summary('write, check, try and explain policies')
    .description('Writes, checks, tries and explains policies. Nothing here changes a request.')
    .addHelpText('after', '\nExit codes: 0 good, 1 findings, 2 bad call.');
  for (const add of [
    addPoliciesNew,
    addPoliciesLint,
    addPoliciesTest,
    addPoliciesSimulate,
    addPoliciesExplain,
    addPoliciesBacktest,
  ]) {
    add(policies);
  }
}

const FOLDER = 'policies';

function addPoliciesNew(policies: Command): void {
  policies
    .command('new')
    .summary('begin a policy of your own')
    .description(
      `Writes ${FOLDER}/NAME.ts and ${FOLDER}/NAME.test.yaml in this folder: a policy that works and its fixtures, to be changed.`,
    )
    .argument('<name>', 'the name of the policy, in kebab-case')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExit codes: 0 written, 2 a bad name, or a file of that name is there (nothing is written).',
    )
    .action(begin);
}

async function begin(name: string, { json }: { json?: boolean }): Promise<void> {
  const { KEBAB } = await import('../../policies/load/entries.ts');
  if (!KEBAB.test(name) || name.length > 64) {
    const accepted = 'a name in kebab-case, at most 64 characters, such as office-hours';
    return printError(json, {
      code: 'InvalidName',
      field: 'name',
      message: `${name} is no name of a policy`,
      accepted,
    });
  }
  const files = {
    [`${FOLDER}/${name}.ts`]: policyTemplate(name),
    [`${FOLDER}/${name}.test.yaml`]: fixtureTemplate(name),
  };
  const there = Object.keys(files).filter((file) => existsSync(file));
  if (there.length > 0) {
    const message = `${there.join(' and ')} ${there.length > 1 ? 'are' : 'is'} already there`;
    return printError(json, { code: 'FileExists', field: 'name', message, accepted: 'a name of its own' });
  }
  await mkdir(FOLDER, { recursive: true });
  for (const [file, text] of Object.entries(files)) await writeFile(file, text, { flag: 'wx' });
  const binding = { name, use: `./${FOLDER}/${name}.ts` };
  print(json, { files: Object.keys(files), binding }, () => [
    ...Object.keys(files).map((file) => `wrote ${file}`),
    '',
    'Try it:    admit policies test',
    'Use it:    add to the bindings of admission.yaml, and restart the worker:',
    `  - name: ${binding.name}`,
    `    use: ${binding.use}`,
  ]);
}

/** What a worker in this folder uses where nothing else is said. */
const USUAL_FILE = 'admission.yaml';

function addPoliciesLint(policies: Command): void {
  policies
    .command('lint')
    .summary('check a policy set')
    .description(
      'Checks a policy set as a worker does when it starts, and says what may not be meant. Its policy files are loaded: they are trusted code.',
    )
    .argument('[file]', `the policy set (default: ADMISSION_POLICIES, else ${USUAL_FILE})`)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExit codes: 0 a worker takes it (there may be warnings), 1 it does not, 2 there is no file.',
    )
    .action(lint);
}

async function lint(named: string | undefined, { json }: { json?: boolean }): Promise<void> {
  const file = named ?? (io().env['ADMISSION_POLICIES'] || USUAL_FILE);
  if (!existsSync(file)) {
    const message = `there is no ${file}`;
    return printError(json, { code: 'NoPolicySet', field: 'file', message, accepted: 'the path of a policy set' });
  }
  const { loadPolicySet } = await import('../../policies/load/load-policy-set.ts');
  const loaded = await loadPolicySet(file);
  const issues = loaded.ok ? [] : loaded.issues;
  const warnings = loaded.ok ? loaded.warnings : [];
  const digest = loaded.ok ? { digest: loaded.set.digest } : {};
  print(json, { file, ok: loaded.ok, ...digest, issues, warnings }, () => lines(file, loaded));
  io().exitCode = loaded.ok ? EXIT.ok : EXIT.problem;
}

function lines(file: string, loaded: LoadedPolicySet): string[] {
  if (!loaded.ok)
    return [...loaded.issues.map(formatIssue), '', `${file}: ${counted(loaded.issues.length, 'mistake')}`];
  const { set, warnings } = loaded;
  const summary = `${file}: ${counted(set.bindings.length, 'binding')}, digest ${set.digest.slice(0, 12)}`;
  if (warnings.length === 0) return [`${summary}: good`];
  const warned = warnings.map((warning) => formatIssue({ ...warning, message: `warning: ${warning.message}` }));
  return [...warned, '', `${summary}: good, with ${counted(warnings.length, 'warning')}`];
}

function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

interface TestOptions {
  coverage: boolean;
  json?: boolean;
}

function addPoliciesTest(policies: Command): void {
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
      import('../../authoring/load-fixture.ts'),
      import('../../authoring/run-fixture.ts'),
      import('../../authoring/test-report.ts'),
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
