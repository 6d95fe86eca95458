import type { Command } from 'commander';
import { good } from '../../service/result.ts';
import { withService } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { actorOf, addActorOptions, give, reportCommand } from '../give.ts';
import type { ActorOptions } from '../give.ts';
import { given } from '../given.ts';
import { io } from '../io.ts';

interface RevokeOptions extends ActorOptions {
  reason: string;
  wait?: boolean;
}

export function addRevoke(program: Command): void {
  const command = program
    .command('revoke')
    .summary('end a membership, whether or not its request is closed')
    .description(
      'Ends a membership, also one without a term, or whose request was ended in Temporal. Only a membership that this system made, and that is still the same one, is removed.',
    );
  addActorOptions(command, 'the requester or the member, a moderator or an admin')
    .requiredOption('--reason <text>', 'why, for the record')
    .option('--wait', 'wait until the member is removed, however long Chime takes')
    .addHelpText('after', HELP)
    .action(revoke);
}

async function revoke(id: string, { reason, wait, as, json }: RevokeOptions): Promise<void> {
  if (!wait) return give(id, 'revoke', { reason }, { ...given({ as }), ...given({ json }) });
  return withService(json, async (context) => {
    const actor = actorOf(as, context);
    if (!actor.ok) return actor.error;
    const answer = await context.service.give(id, 'revoke', { reason, actor: { principal: actor.value } });
    if (!answer.ok) return reportCommand(answer, json);
    const ended = await context.service.waitUntilRevoked(id, answer.value.revocation);
    if (!ended.ok) return ended.error;
    const { revocation, outcome, state, progress } = ended.value;
    const failed = revocation ? revocation.state === 'failed' : outcome !== 'revoked';
    io().exitCode = failed ? EXIT.failed : EXIT.ok;
    return reportCommand(good({ id, state, outcome, progress, ...given({ revocation }) }), json);
  });
}

const HELP = `
Example:
  admit revoke ID --reason "left the project" --as MODERATOR_ARN --wait

Exit codes: 0 ended, or accepted without --wait; 2 refused; with --wait, 5 if it could not be removed.`;
