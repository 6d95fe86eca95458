import type { Command } from 'commander';
import { withService } from '../context.ts';
import { describeRequest } from '../describe-request.ts';
import { print } from '../output.ts';

export function addShow(program: Command): void {
  program
    .command('show')
    .summary('show everything about a request')
    .description('Shows everything there is to know about a request, for operators: nothing is withheld.')
    .argument('<id>', 'the id of the request')
    .option('--json', 'print JSON')
    .action((id: string, { json }: { json?: boolean }) =>
      withService(json, async ({ service, uiUrl }) => {
        const view = await service.show(id);
        if (!view.ok) return view.error;
        const described = { ...view.value, uiUrl: uiUrl(view.value.id, view.value.runId) };
        const { requirements, progress, facts } = view.value;
        const waitingFor = requirements.map(({ approve, approvers }, index) => ({
          approve,
          approved: progress[index]?.approvedBy.length ?? 0,
          roles: approvers.roles,
        }));
        const open = view.value.state === 'pending';
        const eligible = facts.approvers?.value;
        print(json, described, () =>
          describeRequest({ ...described, ...(open ? { waitingFor } : {}), ...(open && eligible ? { eligible } : {}) }),
        );
        return undefined;
      }),
    );
}
