import type { Command } from 'commander';
import type { ReviewDecision } from '../../domain/approval/panel.ts';
import { good, type AdmissionError } from '../../service/result.ts';
import { withService } from '../context.ts';
import { addActorOptions, give, actorOf, reportCommand, type ActorOptions } from '../give.ts';
import { given } from '../options.ts';
import { printError, EXIT, io } from '../output.ts';

interface ReviewOptions extends ActorOptions {
  approve?: boolean;
  deny?: boolean;
  abstain?: boolean;
  requestChanges?: boolean;
  comment?: string;
  digest?: string;
}

export function addReview(program: Command): void {
  const command = program
    .command('review')
    .summary('approve or deny a pending request, or comment on it')
    .description(
      'Reviews a pending request, as one of those whom it waits for. A later review takes the place of an earlier one.',
    );
  addActorOptions(command, 'a user, never the requester, the member or the bearer')
    .option('--approve', 'agree')
    .option('--deny', 'refuse')
    .option('--abstain', 'have no opinion')
    .option('--request-changes', 'ask the requester to amend the request')
    .option('--comment <text>', 'why, for the record; alone it is a comment and decides nothing')
    .option('--digest <sha256>', 'of what you saw, from `admit show`: refused if something else is under review by now')
    .addHelpText('after', REVIEW_EXAMPLES)
    .action(review);
}

const REVIEW_EXAMPLES = `
Examples:
  admit review ID --approve --as MODERATOR_ARN
  admit review ID --deny --comment "not before the audit" --as MODERATOR_ARN
  admit review ID --request-changes --comment "for how long?" --as MODERATOR_ARN`;

async function review(id: string, options: ReviewOptions): Promise<void> {
  const { comment, digest: requestDigest, json } = options;
  const decisions = decisionsOf(options);
  const [decision] = decisions;
  if (decision === undefined || decisions.length > 1) return printError(json, { ...notOne(decisions), id });
  return give(id, 'review', { decision, ...given({ comment, requestDigest }) }, options);
}

function decisionsOf({ approve, deny, abstain, requestChanges, comment }: ReviewOptions): ReviewDecision[] {
  const flags = { approve, deny, abstain, requestChanges } as const;
  const chosen = (Object.keys(flags) as (keyof typeof flags)[]).filter((name) => flags[name]);
  return chosen.length === 0 && comment !== undefined ? ['comment'] : chosen;
}

function notOne({ length }: readonly string[]): AdmissionError {
  const message = length > 1 ? 'a review is one decision' : 'a review needs a decision or a comment';
  const accepted = 'one of --approve, --deny, --abstain and --request-changes, or --comment alone';
  return { code: 'InvalidReview', field: 'decision', message, accepted };
}

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
    .addHelpText('after', REVOKE_HELP)
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

const REVOKE_HELP = `
Example:
  admit revoke ID --reason "left the project" --as MODERATOR_ARN --wait

Exit codes: 0 ended, or accepted without --wait; 2 refused; with --wait, 5 if it could not be removed.`;
