import type { Command } from 'commander';
import { withService } from '../context.ts';
import { reportCommand } from '../give.ts';

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
    .addHelpText('after', EXAMPLES)
    .action((id: string, { changed, json }: ReevaluateOptions) =>
      withService(json, async ({ service }) => reportCommand(await service.give(id, 'reevaluate', { changed }), json)),
    );
}

/** Unchecked: the service says what is accepted. */
function split(text: string): Changed[] {
  return text.split(',').map((one) => one.trim()) as Changed[];
}

const EXAMPLES = `
Example:
  admit reevaluate ID --changed roster,ban`;
