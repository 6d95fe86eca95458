import type { Command } from 'commander';
import { withService } from '../context.ts';
import { describeView } from '../describe/describe-view.ts';
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
        print(json, described, () => describeView(described));
        return undefined;
      }),
    );
}
