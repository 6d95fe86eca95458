import type { Command } from 'commander';
import { withService } from '../../context.ts';
import { print } from '../../output.ts';

export function addPoliciesExplain(policies: Command): void {
  policies
    .command('explain')
    .summary('say why a request was decided as it was')
    .description(
      'Shows what every policy said of a request, with the facts and expressions that made it so, as recorded then: nothing is evaluated again.',
    )
    .argument('<id>', 'the id of the request')
    .option('--json', 'print JSON')
    .action((id: string, { json }: { json?: boolean }) =>
      withService(json, async ({ service }) => {
        const view = await service.show(id);
        if (!view.ok) return view.error;
        const [{ explainRequest }, { formatExplanation }] = await Promise.all([
          import('../../../authoring/explain.ts'),
          import('../../../authoring/explain-text.ts'),
        ]);
        const explanation = explainRequest(view.value);
        print(json, explanation, () => formatExplanation(explanation));
        return undefined;
      }),
    );
}
