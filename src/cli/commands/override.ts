import type { Command } from 'commander';
import { addActorOptions, give } from '../give.ts';
import type { ActorOptions } from '../give.ts';

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
    .addHelpText('after', EXAMPLES)
    .action((id: string, options: OverrideOptions) => {
      const { reason, ticket } = options;
      return give(id, 'override', { reason, ticket }, options);
    });
}

const EXAMPLES = `
Example:
  admit override ID --reason "outage, all moderators are away" --ticket OPS-123 --as ADMIN_ARN`;
