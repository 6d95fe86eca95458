import type { Command } from 'commander';
import { shortName } from '../../domain/arn.ts';
import { STATES } from '../../domain/outcome.ts';
import type { Plan } from '../../domain/plan.ts';
import type { RequestSummary } from '../../service/listed.ts';
import { bad, good, type AdmissionError } from '../../service/result.ts';
import { withService, keyOwner, type Context } from '../context.ts';
import { describeView, describePlan } from '../describe/request.ts';
import { actorOf } from '../give.ts';
import { given, addOptionalRequest, addRehearsalOptions, type RehearsalOptions } from '../options.ts';
import { print, printError, columns, noteUnread } from '../output.ts';

export function addShow(program: Command): void {
  program
    .command('show')
    .summary('show everything about a request')
    .description('Shows everything there is to know about a request, for operators: nothing is withheld.')
    .argument('<id>', 'the id of the request')
    .option('--json', 'print JSON')
    .action((id: string, { json }: { json?: boolean }) =>
      withService(json, async ({ service, uiUrl }) => {
        const view = await service.show(id);
        if (!view.ok) return view.error;
        const described = { ...view.value, uiUrl: uiUrl(view.value.id, view.value.runId) };
        print(json, described, () => describeView(described));
        return undefined;
      }),
    );
}

type PlanOptions = Partial<RehearsalOptions> & { json?: boolean };

export function addPlan(program: Command): void {
  const command = program
    .command('plan')
    .summary('show what happened, what is going on and what is to come')
    .description(
      'Shows what happened to a request, what is going on, who may act, and what comes when. Of a request that nobody has made (--channel, --member), shows how it would go: nothing is started or written.',
    )
    .argument('[id]', 'the id of the request');
  addRehearsalOptions(addOptionalRequest(command))
    .option('--json', 'print JSON')
    .addHelpText('after', PLAN_EXAMPLES)
    .action(plan);
}

const PLAN_EXAMPLES = `
Examples:
  admit plan ID
  admit plan --channel CHANNEL_ARN --member USER_ARN --type HIDDEN`;

async function plan(id: string | undefined, options: PlanOptions): Promise<void> {
  const { channel, member, json } = options;
  if (id !== undefined && channel === undefined && member === undefined) return planOf(id, json);
  if (id !== undefined || channel === undefined || member === undefined) {
    const accepted = 'the id of a request, or --channel and --member of one that is not made';
    return printError(json, { code: 'InvalidCall', message: 'what is the plan of?', accepted });
  }
  const [{ missingFacts, rehearse }, { decide }, { planOfConclusion }] = await Promise.all([
    import('./rehearsal.ts'),
    import('../../authoring/decide.ts'),
    import('../../domain/plan.ts'),
  ]);
  const as = options.as ?? (await keyOwner());
  const imagined = await rehearse<Plan>({ ...options, channel, member, ...given({ as }) }, async (prepared) => {
    const { set, request, rehearsal, config } = prepared;
    const { conclusion, decisions, missing, notAsked, approversUnknown } = await decide(set, request, rehearsal);
    const lacks = [...missing, ...(approversUnknown ? ['approvers'] : [])];
    if (!conclusion || lacks.length > 0) return bad(missingFacts(lacks));
    if (notAsked.length > 0) return bad(notAskedError(notAsked.map(({ origin }) => origin.binding)));
    const expireAfterMs = config.ADMISSION_EXPIRE_AFTER;
    return good(planOfConclusion(request, decisions, conclusion, rehearsal.now.getTime(), expireAfterMs));
  });
  if (!imagined.ok) return printError(json, imagined.error);
  print(json, imagined.value, () => ['not asked yet: this is how it would go', ...describePlan(imagined.value)]);
}

function planOf(id: string, json: boolean | undefined): Promise<void> {
  return withService(json, async ({ service }) => {
    const found = await service.plan(id);
    if (!found.ok) return found.error;
    print(json, found.value, () => describePlan(found.value));
    return undefined;
  });
}

/** Nobody knows what these would say, and so nobody knows the plan. */
function notAskedError(bindings: readonly string[]) {
  const message = `the plan depends on ${bindings.join(', ')}, which does I/O of its own`;
  return { code: 'NotAsked', message, accepted: '--ask-external' };
}

interface ListOptions {
  state?: string;
  channel?: string;
  member?: string;
  mine?: boolean;
  as?: string;
  limit: string;
  json?: boolean;
}

export function addList(program: Command): void {
  program
    .command('list')
    .summary('list requests, newest first; with --mine, those that wait for me')
    .description('Lists requests, newest first. HIDDEN requests are not found by member.')
    .option('--state <state>', STATES.join(', '))
    .option('--channel <arn>', 'requests for this channel')
    .option('--member <arn>', 'requests for this member')
    .option('--mine', 'only what waits for a review or an answer of mine')
    .option('--as <arn>', 'who I am, for --mine (default: whom the signing key is for)')
    .option('--limit <n>', 'at most so many, 1 to 1000', '50')
    .option('--json', 'print JSON')
    .addHelpText('after', LIST_EXAMPLES)
    .action((options: ListOptions) => withService(options.json, (context) => list(options, context)));
}

const LIST_EXAMPLES = `
Examples:
  admit list --mine --as MODERATOR_ARN
  admit list --state active --channel CHANNEL_ARN`;

async function list(options: ListOptions, context: Context): Promise<AdmissionError | undefined> {
  const { state, channel, member, mine, as, limit, json } = options;
  const me = mine ? actorOf(as, context) : undefined;
  if (me && !me.ok) return me.error;
  const filter = given({ state, channelArn: channel, memberArn: member, mine: me?.value });
  const found = await context.service.list({ limit: Number(limit), ...filter });
  if (!found.ok) return found.error;
  noteUnread(found.unread);
  const requests = found.value.map((one) => ({ ...one, uiUrl: context.uiUrl(one.id, one.runId) }));
  const steps = me?.value === undefined || json ? [] : await stepsWaiting(me.value, context);
  print(json, requests, () => [...(requests.length > 0 ? table(requests) : ['no requests']), ...steps]);
  return undefined;
}

/** Who looks for what waits for them hears of onboardings, too. */
async function stepsWaiting(mine: string, { onboarding }: Context): Promise<string[]> {
  const found = await onboarding.list({ mine, limit: 50 });
  if (!found.ok || found.value.length === 0) return [];
  const many = found.value.length === 1 ? '1 onboarding waits' : `${found.value.length} onboardings wait`;
  return [`${many} for you, too: admit onboard list --mine`];
}

function table(requests: readonly RequestSummary[]): string[] {
  const rows = requests.map(
    ({ state, waitsFor, outcome, code, type, memberArn, channelArn, requestedAt, dueAt, id }) => [
      outcome ?? state,
      waitsFor ?? '',
      code ?? '',
      type ?? '',
      memberArn ? shortName(memberArn) : '',
      channelArn ? shortName(channelArn) : '',
      requestedAt.slice(0, 16),
      outcome === null && dueAt ? dueAt.slice(0, 16) : '',
      id,
    ],
  );
  return columns([['STATE', 'WAITS FOR', 'CODE', 'TYPE', 'MEMBER', 'CHANNEL', 'ASKED', 'ENDS', 'ID'], ...rows]);
}
