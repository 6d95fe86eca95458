import type { Command } from 'commander';
import { print } from '../../output.ts';
import { KEY_SET_OPTION, withKeySet } from './key-set-option.ts';
import type { KeySetOptions } from './key-set-option.ts';

export function addKeysRevoke(keys: Command): void {
  keys
    .command('revoke')
    .summary('let a key of a JWKS file count no more')
    .description(
      'Marks a key of a JWKS file as revoked: whatever it signs is refused from now on. Reviews that were given with it stay.',
    )
    .argument('<kid>', 'the id of the key, as `admit keys list` prints it')
    .option(...KEY_SET_OPTION)
    .option('--json', 'print JSON')
    .action((kid: string, options: KeySetOptions) =>
      withKeySet(options, async (file) => {
        const { revokeKey } = await import('../../../identity/key-set-file.ts');
        if (!(await revokeKey(file, kid))) {
          const accepted = 'an id that `admit keys list` prints';
          return { code: 'UnknownKey', field: 'kid', message: `there is no key ${kid} in ${file}`, accepted };
        }
        print(options.json, { kid, jwks: file, revoked: true }, () => [`revoked ${kid} in ${file}`]);
        return undefined;
      }),
    );
}
