import type { Command } from 'commander';
import { shortName } from '../../domain/arn.ts';
import { STATES } from '../../domain/outcome.ts';
import type { RequestSummary } from '../../service/list-requests.ts';
import { withService } from '../context.ts';
import { columns, print } from '../output.ts';

interface ListOptions {
  state?: string;
  channel?: string;
  member?: string;
  limit: string;
  json?: boolean;
}

export function addList(program: Command): void {
  program
    .command('list')
    .summary('list requests, newest first')
    .description('Lists requests, newest first. HIDDEN requests are not found by member.')
    .option('--state <state>', STATES.join(', '))
    .option('--channel <arn>', 'requests for this channel')
    .option('--member <arn>', 'requests for this member')
    .option('--limit <n>', 'at most so many, 1 to 1000', '50')
    .option('--json', 'print JSON')
    .action(({ state, channel, member, limit, json }: ListOptions) =>
      withService(json, async ({ service, uiUrl }) => {
        const found = await service.list({
          limit: Number(limit),
          ...(state === undefined ? {} : { state }),
          ...(channel === undefined ? {} : { channelArn: channel }),
          ...(member === undefined ? {} : { memberArn: member }),
        });
        if (!found.ok) return found.error;
        const requests = found.value.map((one) => ({ ...one, uiUrl: uiUrl(one.id, one.runId) }));
        print(json, requests, () => (requests.length > 0 ? table(requests) : ['no requests']));
        return undefined;
      }),
    );
}

function table(requests: readonly RequestSummary[]): string[] {
  const rows = requests.map(({ state, outcome, code, type, memberArn, channelArn, requestedAt, dueAt, id }) => [
    outcome ?? state,
    code ?? '',
    type ?? '',
    memberArn ? shortName(memberArn) : '',
    channelArn ? shortName(channelArn) : '',
    requestedAt.slice(0, 16),
    state === 'pending' && dueAt ? dueAt.slice(0, 16) : '',
    id,
  ]);
  return columns([['STATE', 'CODE', 'TYPE', 'MEMBER', 'CHANNEL', 'ASKED', 'EXPIRES', 'ID'], ...rows]);
}
