import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { formatIssue } from '../../../yaml/problem.ts';
import { bad, good } from '../../../service/result.ts';
import type { AdmissionError, Result } from '../../../service/result.ts';
import { withService } from '../../context.ts';
import type { Context } from '../../context.ts';
import { actorOf } from '../../give.ts';
import { describeOnboarding } from './describe.ts';
import { flowsAt } from './flows.ts';
import { EXIT } from '../../exit-code.ts';
import { withFlag } from '../../flags.ts';
import { io } from '../../io.ts';
import { note, print } from '../../output.ts';

interface StartOptions {
  file?: string;
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
    .argument('[flow]', 'the name of a flow that the workers have: see `admit onboard flows`')
    .option('--file <file>', 'instead of a name: a flow of your own, which only an admin of the app instance may bring')
    .requiredOption('--member <arn>', 'who is onboarded')
    .option(
      '--as <arn>',
      'who asks, and in whose name requests to join are made (default: whom the signing key is for)',
    )
    .option('--param <name=value>', 'a param of the flow; again for each', collect)
    .option('--wait', 'wait until it is closed, however long that takes')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExit codes: 0 completed, 3 stopped or cancelled, 4 under way, 5 failed.')
    .action((flow: string | undefined, options: StartOptions) =>
      withService(options.json, (context) => start(flow, options, context)),
    );
}

function collect(text: string, before: Record<string, string> = {}): Record<string, string> {
  const [name = '', ...value] = text.split('=');
  return { ...before, [name]: value.join('=') };
}

async function start(
  name: string | undefined,
  { file, member, as, param = {}, wait, json }: StartOptions,
  context: Context,
): Promise<AdmissionError | undefined> {
  const flow = await flowOf(name, file);
  if (!flow.ok) return flow.error;
  const actor = actorOf(as, context);
  if (!actor.ok) return actor.error;
  const input = { flow: flow.value, member, requestedBy: actor.value, params: param };
  const started = await context.onboarding.start(input);
  if (!started.ok) return withFlag(started.error);
  const { id } = started.value;
  if (wait && !json)
    note(`${id} is ${started.value.state}; waiting until it is closed (Ctrl-C stops only the waiting)`);
  const view = wait ? await context.onboarding.wait(id) : await context.onboarding.show(id);
  if (!view.ok) return view.error;
  const uiUrl = context.uiUrl(view.value.id, view.value.runId);
  io().exitCode = exitCodeOf(view.value.outcome);
  print(json, { ...view.value, uiUrl }, () => describeOnboarding(view.value, uiUrl));
  return undefined;
}

/** The name of a flow, or a flow of one's own. */
async function flowOf(name: string | undefined, file: string | undefined): Promise<Result<unknown>> {
  if (name !== undefined && file === undefined && existsSync(name)) {
    return bad({ ...NO_FLOW, message: `${name} is a file: --file brings it along, which only an admin may` });
  }
  if (file === undefined) return name === undefined ? bad({ ...NO_FLOW, message: 'which flow?' }) : good(name);
  if (name !== undefined) return bad({ ...NO_FLOW, message: 'a name and --file are two flows' });
  const loaded = await flowsAt([file]);
  if (loaded.ok) return good(loaded.value[0]?.written);
  const [first] = loaded.issues;
  const message = first ? formatIssue(first) : `${file} is no flow`;
  return bad({ code: 'InvalidFlow', field: 'flow', message, accepted: 'a file that `admit onboard lint` finds good' });
}

const NO_FLOW = { code: 'InvalidFlow', field: 'flow', accepted: 'the name of a flow, or --file FILE' };

function exitCodeOf(outcome: string | null): number {
  if (outcome === null) return EXIT.waiting;
  if (outcome === 'completed') return EXIT.ok;
  return outcome === 'failed' ? EXIT.failed : EXIT.refused;
}
