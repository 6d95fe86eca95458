import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { ONBOARDING_STATES } from '../../domain/onboarding/state.ts';
import { progressOf } from '../../domain/onboarding/progress.ts';
import type { OnboardingSummary } from '../../service/onboarding-reads.ts';
import { bad, good, type AdmissionError, type Result } from '../../service/result.ts';
import { formatIssue } from '../../yaml/problem.ts';
import { withService, type Context } from '../context.ts';
import { describeOnboarding } from '../describe/onboarding.ts';
import { actorOf } from '../give.ts';
import { withFlag, given } from '../options.ts';
import { EXIT, io, note, print, columns, noteUnread } from '../output.ts';
import { addOnboardCommands } from './onboard-commands.ts';
import { addOnboardFlows, addOnboardLint, flowsAt } from './onboard-flows.ts';

export function addOnboard(program: Command): void {
  const onboard = program
    .command('onboard')
    .summary('lead a member through the steps of a declared flow')
    .description(
      'Leads a member through the steps of a declared flow: joins, questions, messages, waits and approvals.',
    )
    .addHelpText('after', EXAMPLES);
  for (const add of [
    addOnboardStart,
    addOnboardShow,
    addOnboardList,
    addOnboardCommands,
    addOnboardLint,
    addOnboardFlows,
  ])
    add(onboard);
}

const EXAMPLES = `
Examples:
  admit onboard lint FLOW.yaml
  admit onboard flows
  admit onboard start FLOW --member USER_ARN --param team=CHANNEL_ARN --as MODERATOR_ARN
  admit onboard input ID STEP --answers '{"field":"value"}' --as MEMBER_ARN
  admit onboard review ID STEP --approve --as APPROVER_ARN
  admit onboard pause ID --reason "holidays" --as ADMIN_ARN
  admit onboard cancel ID --reason "left us" --compensate --as ADMIN_ARN`;

interface StartOptions {
  file?: string;
  member: string;
  as?: string;
  param?: Record<string, string>;
  wait?: boolean;
  json?: boolean;
}

function addOnboardStart(onboard: Command): void {
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

interface ListOptions {
  state?: string;
  member?: string;
  mine?: boolean;
  as?: string;
  limit: string;
  json?: boolean;
}

function addOnboardList(onboard: Command): void {
  onboard
    .command('list')
    .summary('list onboardings, newest first; with --mine, those that wait for me')
    .description('Lists onboardings, newest first. Those with a HIDDEN join are not found by member.')
    .option('--state <state>', ONBOARDING_STATES.join(', '))
    .option('--member <arn>', 'of this member')
    .option('--mine', 'only those whose step waits for a review or an answer of mine')
    .option('--as <arn>', 'who I am, for --mine (default: whom the signing key is for)')
    .option('--limit <n>', 'at most so many, 1 to 1000', '50')
    .option('--json', 'print JSON')
    .action(({ state, member, mine, as, limit, json }: ListOptions) =>
      withService(json, async (context) => {
        const { onboarding, uiUrl } = context;
        const me = mine ? actorOf(as, context) : undefined;
        if (me && !me.ok) return me.error;
        const found = await onboarding.list({ limit: Number(limit), ...given({ state, member, mine: me?.value }) });
        if (!found.ok) return found.error;
        noteUnread(found.unread);
        const all = found.value.map((one) => ({ ...one, uiUrl: uiUrl(one.id, one.runId) }));
        print(json, all, () => (all.length > 0 ? table(all) : ['no onboardings']));
        return undefined;
      }),
    );
}

function table(onboardings: readonly OnboardingSummary[]): string[] {
  const rows = onboardings.map(({ state, outcome, percent, flow, step, requestedAt, dueAt, id }) => [
    outcome ?? state,
    `${percent} %`,
    flow ?? '',
    step ?? '',
    requestedAt.slice(0, 16),
    dueAt?.slice(0, 16) ?? '',
    id,
  ]);
  return columns([['STATE', 'DONE', 'FLOW', 'STEP', 'ASKED', 'NEXT', 'ID'], ...rows]);
}

function addOnboardShow(onboard: Command): void {
  onboard
    .command('show')
    .summary('show everything about an onboarding')
    .description(
      'Shows how far an onboarding is, its steps, who may act on them, and what it made. Nothing is withheld.',
    )
    .argument('<id>', 'the id of the onboarding')
    .option('--json', 'print JSON')
    .action((id: string, { json }: { json?: boolean }) =>
      withService(json, async ({ onboarding, uiUrl }) => {
        const view = await onboarding.show(id);
        if (!view.ok) return view.error;
        const url = uiUrl(view.value.id, view.value.runId);
        print(json, { ...view.value, progress: progressOf(view.value).steps, uiUrl: url }, () =>
          describeOnboarding(view.value, url),
        );
        return undefined;
      }),
    );
}
