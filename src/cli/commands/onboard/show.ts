import type { Command } from 'commander';
import { progressOf } from '../../../domain/onboarding/view.ts';
import { withService } from '../../context.ts';
import { print } from '../../output.ts';
import { describeOnboarding } from './describe.ts';

export function addOnboardShow(onboard: Command): void {
  onboard
    .command('show')
    .summary('show everything about an onboarding')
    .description(
      'Shows how far an onboarding is, its steps, who may act on them, and what it made. Nothing is withheld.',
    )
    .argument('<id>', 'the id of the onboarding')
    .option('--json', 'print JSON')
    .action((id: string, { json }: { json?: boolean }) =>
      withService(json, async ({ onboarding, uiUrl }) => {
        const view = await onboarding.show(id);
        if (!view.ok) return view.error;
        const url = uiUrl(view.value.id, view.value.runId);
        print(json, { ...view.value, progress: progressOf(view.value).steps, uiUrl: url }, () =>
          describeOnboarding(view.value, url),
        );
        return undefined;
      }),
    );
}
