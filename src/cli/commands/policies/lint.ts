import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { formatIssue } from '../../../yaml/problem.ts';
import type { LoadedPolicySet } from '../../../policies/load/load-policy-set.ts';
import { EXIT } from '../../exit-code.ts';
import { io } from '../../io.ts';
import { print, printError } from '../../output.ts';

/** What a worker in this folder uses where nothing else is said. */
const USUAL_FILE = 'admission.yaml';

export function addPoliciesLint(policies: Command): void {
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
  const { loadPolicySet } = await import('../../../policies/load/load-policy-set.ts');
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
