import type { Command } from 'commander';
import { withService } from '../context.ts';
import { print } from '../output.ts';

export function addSetup(program: Command): void {
  program
    .command('setup')
    .summary('make the namespace ready')
    .description(
      'Registers the search attributes that requests need, and waits until they can be used. Safe to repeat.',
    )
    .option('--json', 'print JSON')
    .action(({ json }: { json?: boolean }) =>
      withService(json, async ({ access }) => {
        const { setUp } = await import('../../service/search-attributes.ts');
        const done = await setUp(access);
        if (!done.ok) return done.error;
        const { namespace, added, present } = done.value;
        print(json, done.value, () => [
          added.length > 0 ? `added ${added.join(', ')}` : 'nothing to add',
          `namespace ${namespace} has all ${added.length + present.length} search attributes, ready for use`,
        ]);
        return undefined;
      }),
    );
}
