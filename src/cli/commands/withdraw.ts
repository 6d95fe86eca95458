import type { Command } from 'commander';
import { addActorOptions, give } from '../give.ts';
import type { ActorOptions } from '../give.ts';

export function addWithdraw(program: Command): void {
  const command = program
    .command('withdraw')
    .summary('take a request back')
    .description('Takes an open request back, as its requester or its member. Once it is granting, that is too late.');
  addActorOptions(command, 'the requester or the member')
    .addHelpText('after', EXAMPLES)
    .action((id: string, options: ActorOptions) => give(id, 'withdraw', {}, options));
}

const EXAMPLES = `
Example:
  admit withdraw ID --as REQUESTER_ARN`;
