import type { Command } from 'commander';
import { withService } from '../context.ts';
import { reportCommand } from './review.ts';

export function addWithdraw(program: Command): void {
  program
    .command('withdraw')
    .summary('take a request back')
    .description('Takes an open request back, as its requester or its member. Once it is granting, that is too late.')
    .argument('<id>', 'the id of the request')
    .requiredOption('--as <arn>', 'who withdraws: the requester or the member')
    .option('--json', 'print JSON')
    .action((id: string, { as, json }: { as: string; json?: boolean }) =>
      withService(json, async ({ service }) =>
        reportCommand(await service.withdraw(id, { actor: { principal: as } }), json),
      ),
    );
}
