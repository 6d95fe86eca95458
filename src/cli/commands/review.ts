import type { Command } from 'commander';
import type { ReviewDecision } from '../../domain/approval/panel.ts';
import type { AdmissionError } from '../../service/result.ts';
import { addActorOptions, give } from '../give.ts';
import type { ActorOptions } from '../give.ts';
import { given } from '../given.ts';
import { printError } from '../output.ts';

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
    .addHelpText('after', EXAMPLES)
    .action(review);
}

const EXAMPLES = `
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
