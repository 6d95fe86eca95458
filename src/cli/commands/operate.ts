import type { Command } from 'commander';
import type { RequestView } from '../../domain/view.ts';
import type { AdmissionError } from '../../service/result.ts';
import { withService, type Context } from '../context.ts';
import { incidentRows } from '../describe/waiting.ts';
import { addActorOptions, give, reportCommand, type ActorOptions } from '../give.ts';
import { given } from '../options.ts';
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
    .addHelpText('after', INCIDENT_EXAMPLES);
  incident
    .command('list')
    .summary('list what failed, and what to do')
    .description('Lists the incidents, newest request first, with what failed and what to do.')
    .option('--limit <n>', 'at most so many, 1 to 1000', '50')
    .option('--json', 'print JSON')
    .action(({ limit, json }: { limit: string; json?: boolean }) =>
      withService(json, (context) => listIncidents(Number(limit), json, context)),
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

const INCIDENT_EXAMPLES = `
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

async function listIncidents(limit: number, json: boolean | undefined, { service, uiUrl }: Context) {
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
  print(json, open, () => (open.length > 0 ? open.flatMap(describeIncident) : ['no incidents']));
  return undefined;
}

function describeIncident({ unread, ...one }: Listed): string[] {
  const ui = one.uiUrl ? [['Temporal UI', one.uiUrl]] : [];
  const rows = unread ? [['not read', unread.message]] : incidentRows(one);
  return [one.id, ...columns([...rows, ...ui], '  ')];
}

interface OverrideOptions extends ActorOptions {
  reason: string;
  ticket: string;
}

export function addOverride(program: Command): void {
  const command = program
    .command('override')
    .summary('let a pending request through, whatever it waits for')
    .description(
      'Breaks the glass: an admin lets a pending request through without those whom it waits for. What the policies said stays on record, and the override stays in sight.',
    );
  addActorOptions(command, 'an app instance admin, never the requester, the member or the bearer')
    .requiredOption('--reason <text>', 'why, for the record')
    .requiredOption('--ticket <id>', 'where it was agreed')
    .addHelpText('after', OVERRIDE_EXAMPLES)
    .action((id: string, options: OverrideOptions) => {
      const { reason, ticket } = options;
      return give(id, 'override', { reason, ticket }, options);
    });
}

const OVERRIDE_EXAMPLES = `
Example:
  admit override ID --reason "outage, all moderators are away" --ticket OPS-123 --as ADMIN_ARN`;

interface ReassignOptions extends ActorOptions {
  binding: string;
  toUser?: string[];
  toRole?: string[];
  toExpression?: string;
  reason: string;
}

export function addReassign(program: Command): void {
  const command = program
    .command('reassign')
    .summary('let others review a pending request')
    .description('Names others who review the open stage of a requirement, in place of those who may now.');
  addActorOptions(command, 'an app instance admin')
    .requiredOption('--binding <name>', 'who asks for the approval, as `admit show` names it')
    .option('--to-user <arn...>', 'these users')
    .option('--to-role <role...>', 'whoever holds one of these roles, such as app_instance_admin')
    .option('--to-expression <cel>', 'of them, or of all moderators and admins, those for whom this is true')
    .requiredOption('--reason <text>', 'why, for the record')
    .addHelpText('after', REASSIGN_EXAMPLES)
    .action((id: string, options: ReassignOptions) => {
      const { binding, toUser: users, toRole: roles, toExpression: expression, reason } = options;
      return give(id, 'reassign', { binding, to: given({ users, roles, expression }), reason }, options);
    });
}

const REASSIGN_EXAMPLES = `
Examples:
  admit reassign ID --binding privacy --to-user USER_ARN --reason "both are away" --as ADMIN_ARN
  admit reassign ID --binding privacy --to-role app_instance_admin --reason "they are away" --as ADMIN_ARN`;

type Changed = 'channel' | 'ban' | 'roster' | 'facts';

interface ReevaluateOptions {
  changed: Changed[];
  json?: boolean;
}

export function addReevaluate(program: Command): void {
  program
    .command('reevaluate')
    .summary('have the policies asked again')
    .description(
      'Tells a pending request that something changed in Chime: facts are read and policies asked again, and people are counted anew.',
    )
    .argument('<id>', 'the id of the request')
    .requiredOption('--changed <what>', 'what changed, separated by commas: channel, ban, roster, facts', split)
    .option('--json', 'print JSON')
    .addHelpText('after', REEVALUATE_EXAMPLES)
    .action((id: string, { changed, json }: ReevaluateOptions) =>
      withService(json, async ({ service }) => reportCommand(await service.give(id, 'reevaluate', { changed }), json)),
    );
}

/** Unchecked: the service says what is accepted. */
function split(text: string): Changed[] {
  return text.split(',').map((one) => one.trim()) as Changed[];
}

const REEVALUATE_EXAMPLES = `
Example:
  admit reevaluate ID --changed roster,ban`;
