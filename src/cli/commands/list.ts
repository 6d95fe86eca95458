import type { Command } from 'commander';
import { shortName } from '../../domain/arn.ts';
import { STATES } from '../../domain/outcome.ts';
import type { RequestSummary } from '../../service/listed.ts';
import type { AdmissionError } from '../../service/result.ts';
import { withService } from '../context.ts';
import type { Context } from '../context.ts';
import { actorOf } from '../give.ts';
import { given } from '../given.ts';
import { columns, noteUnread, print } from '../output.ts';

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
    .addHelpText('after', EXAMPLES)
    .action((options: ListOptions) => withService(options.json, (context) => list(options, context)));
}

const EXAMPLES = `
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
