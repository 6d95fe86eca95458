import type { Command } from 'commander';
import { addKeysList } from './keys/list.ts';
import { addKeysNew } from './keys/new.ts';
import { addKeysRevoke } from './keys/revoke.ts';

export function addKeys(program: Command): void {
  const keys = program
    .command('keys')
    .summary('make, list and revoke the keys that commands are signed with')
    .description(
      'Makes, lists and revokes keys. A private key signs what its holder commands (ADMISSION_SIGNING_KEY); workers check it with the public ones of a JWKS (ADMISSION_ASSERTION_KEYS).',
    )
    .addHelpText('after', HELP);
  for (const add of [addKeysNew, addKeysList, addKeysRevoke]) add(keys);
}

const HELP = `
Examples:
  admit keys new
  admit keys new --principal USER_ARN --out me.json
  admit keys list
  admit keys revoke KID

Exit codes: 0 done, 2 bad input, or a file that cannot be used.`;
