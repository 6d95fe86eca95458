import type { Command } from 'commander';
import { formatIssue } from '../../../policies/load/load-issue.ts';
import { loadFlow } from '../../../onboarding/load-flow.ts';
import type { AdmissionError } from '../../../service/result.ts';
import { withService } from '../../context.ts';
import type { Context } from '../../context.ts';
import { actorOf } from '../../give.ts';
import { describeOnboarding } from './describe.ts';
import { EXIT } from '../../exit-code.ts';
import { withFlag } from '../../flags.ts';
import { note, print } from '../../output.ts';

interface StartOptions {
  member: string;
  as?: string;
  param?: Record<string, string>;
  wait?: boolean;
  json?: boolean;
}

export function addOnboardStart(onboard: Command): void {
  onboard
    .command('start')
    .summary('start an onboarding')
    .description('Starts an onboarding by a flow, and says where it stands. An open one that is the same is joined.')
    .argument('<flow>', 'the YAML file of the flow')
    .requiredOption('--member <arn>', 'who is onboarded')
    .option(
      '--as <arn>',
      'who asks, and in whose name requests to join are made (default: whom the signing key is for)',
    )
    .option('--param <name=value>', 'a param of the flow; again for each', collect)
    .option('--wait', 'wait until it is closed, however long that takes')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExit codes: 0 completed, 3 stopped or cancelled, 4 under way, 5 failed.')
    .action((file: string, options: StartOptions) =>
      withService(options.json, (context) => start(file, options, context)),
    );
}

function collect(text: string, before: Record<string, string> = {}): Record<string, string> {
  const [name = '', ...value] = text.split('=');
  return { ...before, [name]: value.join('=') };
}

async function start(
  file: string,
  { member, as, param = {}, wait, json }: StartOptions,
  context: Context,
): Promise<AdmissionError | undefined> {
  const loaded = await loadFlow(file);
  if (!loaded.ok) {
    const [first] = loaded.issues;
    const message = first ? formatIssue(first) : `${file} is no flow`;
    return { code: 'InvalidFlow', field: 'flow', message, accepted: 'a file that `admit onboard lint` finds good' };
  }
  const actor = actorOf(as, context);
  if (!actor.ok) return actor.error;
  const input = { flow: loaded.written, member, requestedBy: actor.value, params: param };
  const started = await context.onboarding.start(input);
  if (!started.ok) return withFlag(started.error);
  const { id } = started.value;
  if (wait && !json)
    note(`${id} is ${started.value.state}; waiting until it is closed (Ctrl-C stops only the waiting)`);
  const view = wait ? await context.onboarding.wait(id) : await context.onboarding.show(id);
  if (!view.ok) return view.error;
  const uiUrl = context.uiUrl(view.value.id, view.value.runId);
  process.exitCode = exitCodeOf(view.value.outcome);
  print(json, { ...view.value, uiUrl }, () => describeOnboarding(view.value, uiUrl));
  return undefined;
}

function exitCodeOf(outcome: string | null): number {
  if (outcome === null) return EXIT.waiting;
  if (outcome === 'completed') return EXIT.ok;
  return outcome === 'failed' ? EXIT.failed : EXIT.refused;
}
