import type { Command } from 'commander';
import type { CommandResult } from '../../domain/commands.ts';
import type { AdmissionError, Result } from '../../service/result.ts';
import { withService } from '../context.ts';
import type { Context } from '../context.ts';
import { print } from '../output.ts';

interface ReviewOptions {
  approve?: boolean;
  deny?: boolean;
  as: string;
  comment?: string;
  json?: boolean;
}

export function addReview(program: Command): void {
  program
    .command('review')
    .summary('approve or deny a pending request')
    .description('Approves or denies a pending request, as a moderator of the channel or an admin of the app instance.')
    .argument('<id>', 'the id of the request')
    .option('--approve', 'agree')
    .option('--deny', 'refuse; one refusal ends the request')
    .requiredOption('--as <arn>', 'who reviews: a user, never the requester, the member or the bearer')
    .option('--comment <text>', 'why, for the record')
    .option('--json', 'print JSON')
    .action((id: string, options: ReviewOptions) =>
      withService(options.json, (context) => review(id, options, context)),
    );
}

async function review(id: string, options: ReviewOptions, context: Context): Promise<AdmissionError | undefined> {
  const { approve = false, deny = false, as, comment, json } = options;
  if (approve === deny) {
    const message = approve ? 'a review is --approve or --deny, not both' : 'a review needs --approve or --deny';
    return { code: 'InvalidReview', field: 'decision', message, accepted: '--approve or --deny', id };
  }
  const result = await context.service.review(id, {
    actor: { principal: as },
    decision: approve ? 'approve' : 'deny',
    ...(comment === undefined ? {} : { comment }),
  });
  return reportCommand(result, json);
}

/** Prints where a request stands after a command. */
export function reportCommand(result: Result<CommandResult>, json: boolean | undefined): AdmissionError | undefined {
  if (!result.ok) return result.error;
  const { id, state, outcome, progress } = result.value;
  print(json, result.value, () => [
    `${id} is ${outcome ?? state}`,
    ...(state === 'pending'
      ? progress.map(
          ({ binding, approve, approvedBy }) => `  ${binding}: ${approvedBy.length} of ${approve} approval(s)`,
        )
      : []),
  ]);
  return undefined;
}
