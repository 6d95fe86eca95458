import type { Command } from 'commander';
import type { RequestView } from '../../domain/view.ts';
import type { AdmissionError } from '../../service/result.ts';
import { withService } from '../context.ts';
import type { Context } from '../context.ts';
import { incidentRows } from '../describe/waiting.ts';
import { addActorOptions, give } from '../give.ts';
import type { ActorOptions } from '../give.ts';
import { given } from '../given.ts';
import { columns, noteUnread, print } from '../output.ts';

interface IncidentOptions extends ActorOptions {
  reason: string;
}

export function addIncident(program: Command): void {
  const incident = program
    .command('incident')
    .summary('list and mend requests that only an operator can mend')
    .description(
      'Lists and mends incidents: calls to Chime that failed for good after people had approved, or when a term ended.',
    )
    .addHelpText('after', EXAMPLES);
  incident
    .command('list')
    .summary('list what failed, and what to do')
    .description('Lists the incidents, newest request first, with what failed and what to do.')
    .option('--limit <n>', 'at most so many, 1 to 1000', '50')
    .option('--json', 'print JSON')
    .action(({ limit, json }: { limit: string; json?: boolean }) =>
      withService(json, (context) => list(Number(limit), json, context)),
    );
  const retry = incident
    .command('retry')
    .summary('make the call again')
    .description('Makes the call again that failed, once its cause is mended.');
  const abandon = incident
    .command('abandon')
    .summary('give up')
    .description('Gives up: a membership is not made, and the request fails; or one that could not be removed stays.');
  for (const [name, command] of [
    ['retry', retry],
    ['abandon', abandon],
  ] as const) {
    addActorOptions(command, 'an app instance admin')
      .requiredOption('--reason <text>', 'why, for the record')
      .action((id: string, options: IncidentOptions) => give(id, name, { reason: options.reason }, options));
  }
}

const EXAMPLES = `
Examples:
  admit incident list
  admit incident retry ID --reason "the bearer is an admin again" --as ADMIN_ARN
  admit incident abandon ID --reason "the channel is gone" --as ADMIN_ARN`;

/** An incident, or why it could not be read. */
interface Listed extends Pick<RequestView, 'id' | 'incident'> {
  readonly uiUrl: string | null;
  readonly unread?: AdmissionError;
}

/** A worker that is shown a thousand at once has no time for anything else. */
const AT_ONCE = 10;

async function list(limit: number, json: boolean | undefined, { service, uiUrl }: Context) {
  const found = await service.list({ state: 'incident', limit });
  if (!found.ok) return found.error;
  noteUnread(found.unread);
  const { default: pLimit } = await import('p-limit');
  const incidents = await pLimit(AT_ONCE).map(found.value, async ({ id, runId }): Promise<Listed> => {
    const common = { id, uiUrl: uiUrl(id, runId) };
    const view = await service.show(id);
    return view.ok ? { ...common, ...given({ incident: view.value.incident }) } : { ...common, unread: view.error };
  });
  // What was mended meanwhile is none any more.
  const open = incidents.filter(({ incident, unread }) => incident ?? unread);
  print(json, open, () => (open.length > 0 ? open.flatMap(describe) : ['no incidents']));
  return undefined;
}

function describe({ unread, ...one }: Listed): string[] {
  const ui = one.uiUrl ? [['Temporal UI', one.uiUrl]] : [];
  const rows = unread ? [['not read', unread.message]] : incidentRows(one);
  return [one.id, ...columns([...rows, ...ui], '  ')];
}
