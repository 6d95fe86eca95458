import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { formatIssue } from '../../../yaml/problem.ts';
import { EXIT } from '../../exit-code.ts';
import { io } from '../../io.ts';
import { print, printError } from '../../output.ts';
import { flowsAt, startersText } from './flows.ts';

export function addOnboardLint(onboard: Command): void {
  onboard
    .command('lint')
    .summary('check flows')
    .description('Checks flows as a worker does when it starts; their params get values that are good everywhere.')
    .argument('<file...>', 'YAML files of flows, or folders of them')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExit codes: 0 good, 1 not, 2 there is no file.')
    .action(async (files: string[], { json }: { json?: boolean }) => {
      const missing = files.find((file) => !existsSync(file));
      if (missing !== undefined) {
        const message = `there is no ${missing}`;
        return printError(json, { code: 'NoFlow', field: 'flow', message, accepted: 'the path of a flow' });
      }
      const loaded = await flowsAt(files);
      const issues = loaded.ok ? [] : loaded.issues;
      const flows = loaded.ok ? loaded.value : [];
      const good = flows.map(({ file, name, digest, flow: { startedBy, params, steps } }) => {
        return { file, name, digest, startedBy, params, steps: steps.length };
      });
      print(json, { ok: loaded.ok, flows: good, issues }, () => {
        const lines = flows.flatMap(({ file, digest, flow, written }) => [
          `${file}: ${flow.steps.length} steps, digest ${digest.slice(0, 12)}: good`,
          `  started by ${startersText(flow, written)}`,
        ]);
        const count = `${issues.length} mistake${issues.length === 1 ? '' : 's'}`;
        return loaded.ok ? lines : [...issues.map(formatIssue), '', count];
      });
      io().exitCode = loaded.ok ? EXIT.ok : EXIT.problem;
    });
}
