import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { loadFlow } from '../../../onboarding/load-flow.ts';
import { formatIssue } from '../../../policies/load/load-issue.ts';
import { EXIT } from '../../exit-code.ts';
import { print, printError } from '../../output.ts';

export function addOnboardLint(onboard: Command): void {
  onboard
    .command('lint')
    .summary('check a flow')
    .description('Checks a flow as `admit onboard start` does; its params get values that are good everywhere.')
    .argument('<flow>', 'the YAML file of the flow')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExit codes: 0 good, 1 not, 2 there is no file.')
    .action(async (file: string, { json }: { json?: boolean }) => {
      if (!existsSync(file)) {
        return printError(json, {
          code: 'NoFlow',
          field: 'flow',
          message: `there is no ${file}`,
          accepted: 'the path of a flow',
        });
      }
      const loaded = await loadFlow(file);
      const good = loaded.ok
        ? { digest: loaded.digest, steps: loaded.flow.steps.length, params: loaded.flow.params }
        : {};
      const issues = loaded.ok ? [] : loaded.issues;
      print(json, { file, ok: loaded.ok, ...good, issues }, () => {
        if (!loaded.ok)
          return [...issues.map(formatIssue), '', `${file}: ${issues.length} mistake${issues.length === 1 ? '' : 's'}`];
        return [`${file}: ${loaded.flow.steps.length} steps, digest ${loaded.digest.slice(0, 12)}: good`];
      });
      process.exitCode = loaded.ok ? EXIT.ok : EXIT.problem;
    });
}
