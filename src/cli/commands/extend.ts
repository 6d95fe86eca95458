import type { Command } from 'commander';
import { addActorOptions, give } from '../give.ts';
import type { ActorOptions } from '../give.ts';
import { given } from '../given.ts';

interface ExtendOptions extends ActorOptions {
  by: string;
  reason?: string;
}

export function addExtend(program: Command): void {
  const command = program
    .command('extend')
    .summary('ask for a longer membership')
    .description(
      'Asks for a longer term of a membership. The policies are asked as they were for the membership, and people may have to approve.',
    );
  addActorOptions(command, 'the requester or the member, a moderator or an admin')
    .requiredOption('--by <duration>', 'how much longer, such as 30d')
    .option('--reason <text>', 'why, for the people who decide')
    .addHelpText('after', EXAMPLES)
    .action((id: string, options: ExtendOptions) => {
      const { by, reason } = options;
      return give(id, 'extend', { by, ...given({ reason }) }, options);
    });
}

const EXAMPLES = `
Example:
  admit extend ID --by 30d --reason "the project goes on" --as MEMBER_ARN`;
