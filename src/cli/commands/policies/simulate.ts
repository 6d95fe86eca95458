import type { Command } from 'commander';
import type { Simulation } from '../../../authoring/simulate.ts';
import { bad, good } from '../../../service/result.ts';
import { print, printError } from '../../output.ts';
import { addRehearsalOptions, addRequestOptions } from '../../request-options.ts';
import type { RehearsalOptions } from '../../request-options.ts';

export function addPoliciesSimulate(policies: Command): void {
  const command = policies
    .command('simulate')
    .summary('say what a request would come to, without asking it')
    .description('Decides a hypothetical request on facts that are read now, or given. Nothing is started or written.');
  addRehearsalOptions(addRequestOptions(command))
    .option('--extend', 'a longer term is asked for: --term is then the whole of it')
    .option('--asked-by <arn>', 'with --extend: who asks for it (default: who asked to join)')
    .option('--term-decided', 'with --extend: people decided the term that there is, or an office holder set it')
    .option('--json', 'print JSON')
    .action(run);
}

async function run(options: RehearsalOptions & { json?: boolean }): Promise<void> {
  const [{ missingFacts, rehearse }, { simulate, formatSimulation }] = await Promise.all([
    import('./rehearsal.ts'),
    import('../../../authoring/simulate.ts'),
  ]);
  const simulated = await rehearse<Simulation>(options, async ({ set, request, rehearsal }) => {
    const found = await simulate(set, request, rehearsal);
    return found.ok ? good(found.simulation) : bad(missingFacts(found.missing));
  });
  if (!simulated.ok) return printError(options.json, simulated.error);
  print(options.json, simulated.value, () => formatSimulation(simulated.value));
}
