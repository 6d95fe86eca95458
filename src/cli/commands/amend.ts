import type { Command } from 'commander';
import { addActorOptions, give } from '../give.ts';
import type { ActorOptions } from '../give.ts';
import { given } from '../given.ts';
import { printError } from '../output.ts';

/** `false`: taken away by the flag that begins with --no-. */
interface AmendOptions extends ActorOptions {
  type?: 'DEFAULT' | 'HIDDEN';
  reason?: string | false;
  term?: string | false;
  subChannel?: string | false;
  bearer?: string | false;
}

export function addAmend(program: Command): void {
  const command = program
    .command('amend')
    .summary('change a pending request')
    .description(
      'Changes a pending request, as its requester. The policies are asked again, and reviews of what it was before no longer count.',
    );
  addActorOptions(command, 'the requester')
    .option('--type <type>', 'DEFAULT or HIDDEN')
    .option('--reason <text>', 'why, for the people who decide')
    .option('--no-reason', 'no reason any more')
    .option('--term <duration>', 'how long the membership lasts, such as 90d')
    .option('--no-term', 'as long as policies allow')
    .option('--sub-channel <id>', 'the sub-channel, for moderators of an elastic channel')
    .option('--no-sub-channel', 'no sub-channel any more')
    .option('--bearer <arn>', 'who makes the call: the requester or a service bearer')
    .option('--no-bearer', 'whoever may make the call')
    .addHelpText('after', EXAMPLES)
    .action(amend);
}

const EXAMPLES = `
Examples:
  admit amend ID --term 30d --as REQUESTER_ARN
  admit amend ID --type DEFAULT --no-bearer --reason "for the audit" --as REQUESTER_ARN`;

async function amend(id: string, options: AmendOptions): Promise<void> {
  const changes = given({
    type: options.type,
    reason: orNull(options.reason),
    term: orNull(options.term),
    subChannelId: orNull(options.subChannel),
    chimeBearer: orNull(options.bearer),
  });
  if (Object.keys(changes).length > 0) return give(id, 'amend', { changes }, options);
  const accepted = '--type, --reason, --term, --sub-channel, --bearer, and --no- before all but the first';
  printError(options.json, {
    code: 'InvalidCall',
    field: 'changes',
    message: 'nothing is to be changed',
    accepted,
    id,
  });
}

function orNull(value: string | false | undefined): string | null | undefined {
  return value === false ? null : value;
}
