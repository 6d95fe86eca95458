import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import type { Flow } from '../../domain/onboarding/flow.ts';
import { chosenIn } from '../../domain/onboarding/template.ts';
import { formatIssue } from '../../yaml/problem.ts';
import { configOf } from '../context.ts';
import { currentEnvironment } from '../dev-stack.ts';
import { io, columns, print, printError, EXIT } from '../output.ts';

export function addOnboardFlows(onboard: Command): void {
  onboard
    .command('flows')
    .summary('list the flows of ADMISSION_FLOWS')
    .description('Lists the flows of ADMISSION_FLOWS as it is set here, with their params and who may start them.')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const config = await configOf(await currentEnvironment());
      if (!config.ok) return printError(json, config.error);
      const loaded = await flowsAt(config.value.ADMISSION_FLOWS);
      if (!loaded.ok) {
        const [first] = loaded.issues;
        const message = first ? formatIssue(first) : 'the flows cannot be used';
        return printError(json, { code: 'InvalidFlow', field: 'ADMISSION_FLOWS', message, accepted: 'good flows' });
      }
      const flows = loaded.value.map(({ name, file, digest, flow: { title, startedBy, params } }) => {
        return { name, ...(title === undefined ? {} : { title }), file, digest, startedBy, params };
      });
      print(json, flows, () => {
        if (flows.length === 0) return ['no flows: set ADMISSION_FLOWS to files of flows, or to folders of them'];
        const rows = loaded.value.map(({ name, digest, flow, written }) => {
          return [name, digest.slice(0, 12), Object.keys(flow.params).join(', '), startersText(flow, written)];
        });
        return columns([['FLOW', 'DIGEST', 'PARAMS', 'STARTED BY'], ...rows]);
      });
    });
}

/** Flows with the roles that the policy set here knows; where that one cannot be used, any role may be right. */
export async function flowsAt(places: readonly string[]) {
  const [{ choosePolicySet }, { ownFacts }, { loadFlows }] = await Promise.all([
    import('../../policies/load/load-policy-set.ts'),
    import('../../policies/policy-set.ts'),
    import('../../flows.ts'),
  ]);
  const chosen = await choosePolicySet(io().env['ADMISSION_POLICIES'] || undefined);
  const own = chosen.ok ? ownFacts(chosen.set) : undefined;
  return loadFlows(places, (name) => own?.has(name) ?? true);
}

/** Who may start a flow, in words. Everybody moderates a channel that they have made: then an office says little. */
function startersText({ startedBy, steps }: Flow, written: unknown): string {
  if (startedBy === 'anyone') return 'anyone, for themselves';
  const chosen = new Set(chosenIn(written).map(([, index]) => index));
  const fixed = steps.filter((step, index) => 'channelArn' in step && !chosen.has(index));
  const text = `${startedBy.roles.join(' or ')} of every channel in it`;
  const isOpen = fixed.length === 0 && startedBy.roles.includes('channel_moderator');
  return isOpen ? `${text} (all are params: whoever has made a channel moderates that one)` : text;
}

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
