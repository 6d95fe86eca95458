import type { Command } from 'commander';
import { addActorOptions, give } from '../give.ts';
import type { ActorOptions } from '../give.ts';

interface RevokeOptions extends ActorOptions {
  reason: string;
}

export function addRevoke(program: Command): void {
  const command = program
    .command('revoke')
    .summary('end a membership before its term does')
    .description(
      'Ends a membership before its term does. Only a membership that this system made, and that is still the same one, is removed.',
    );
  addActorOptions(command, 'the requester or the member, a moderator or an admin')
    .requiredOption('--reason <text>', 'why, for the record')
    .addHelpText('after', EXAMPLES)
    .action((id: string, options: RevokeOptions) => give(id, 'revoke', { reason: options.reason }, options));
}

const EXAMPLES = `
Example:
  admit revoke ID --reason "left the project" --as MODERATOR_ARN`;
