import type { Command } from 'commander';
import type { ListedKey } from '../../../identity/key-set-file.ts';
import { columns, print } from '../../output.ts';
import { KEY_SET_OPTION, withKeySet } from './key-set-option.ts';
import type { KeySetOptions } from './key-set-option.ts';

export function addKeysList(keys: Command): void {
  keys
    .command('list')
    .summary('the keys of a JWKS file, and whom they prove')
    .description('Lists the keys of a JWKS file: whether they count, and whom they prove.')
    .option(...KEY_SET_OPTION)
    .option('--json', 'print JSON')
    .action((options: KeySetOptions) =>
      withKeySet(options, async (file) => {
        const { listKeys } = await import('../../../identity/key-set-file.ts');
        const listed = await listKeys(file);
        print(options.json, listed, () => (listed.length === 0 ? ['no keys'] : columns(listed.map(row))));
        return undefined;
      }),
    );
}

function row({ kid, state, principal }: ListedKey): string[] {
  return [kid, state, principal ?? (state === 'unusable' ? '' : 'anybody')];
}
