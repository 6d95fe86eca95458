import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { arnShape, parseArn } from '../../domain/arn.ts';
import type { ListedKey } from '../../identity/key-set-file.ts';
import type { AdmissionError } from '../../service/result.ts';
import { io, printError, print, columns } from '../output.ts';

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

const USUAL_KEY_SET = 'admission-keys.json';
const KEY_SET_OPTION = [
  '--jwks <file>',
  `the JWKS of the workers (default: ADMISSION_ASSERTION_KEYS if it is a file, else ${USUAL_KEY_SET})`,
] as const;

interface KeySetOptions {
  jwks?: string;
  json?: boolean;
}

/** Runs a command on a JWKS file; its errors are printed. */
async function withKeySet(
  { jwks, json }: KeySetOptions,
  command: (file: string) => Promise<AdmissionError | undefined>,
): Promise<void> {
  const [{ isUrl }, { KeySetError }] = await Promise.all([
    import('../../identity/keys.ts'),
    import('../../identity/key-set-file.ts'),
  ]);
  const configured = io().env['ADMISSION_ASSERTION_KEYS'] ?? '';
  const file = jwks ?? (configured !== '' && !isUrl(configured) ? configured : USUAL_KEY_SET);
  try {
    const error = await command(file);
    if (error) printError(json, error);
  } catch (error) {
    if (error instanceof KeySetError) {
      return printError(json, { code: 'BadKeySet', field: 'jwks', message: error.message, accepted: A_KEY_SET });
    }
    printError(json, fileError(error));
  }
}

const A_KEY_SET = 'the file of a JWKS, { "keys": [ … ] }, that can be read and written';

/** An error of a file is the caller's business; any other is a bug, and stays one. */
function fileError(error: unknown): AdmissionError {
  if (!(error instanceof Error && 'code' in error && 'path' in error)) throw error;
  const message = `${String(error.path)} cannot be used (${String(error.code)})`;
  return { code: 'BadFile', message, accepted: 'files that can be read and written' };
}

interface NewOptions extends KeySetOptions {
  principal?: string;
  out: string;
}

function addKeysNew(keys: Command): void {
  keys
    .command('new')
    .summary('make a pair of keys')
    .description(
      'Makes a pair of Ed25519 keys: writes the private one to a file of its own, and adds the public one to a JWKS file.',
    )
    .option('--principal <arn>', 'whom the key is for: it then proves nobody else (default: it proves anybody)')
    .option('--out <file>', 'the file of the private key, which must not be there', 'admission-signing-key.json')
    .option(...KEY_SET_OPTION)
    .option('--json', 'print JSON')
    .action((options: NewOptions) => withKeySet(options, (file) => make(options, file)));
}

async function make({ principal, out, json }: NewOptions, jwks: string): Promise<AdmissionError | undefined> {
  const issue = issueOf(principal, out, jwks);
  if (issue) return issue;
  const [{ createKeyPair }, { addKey }] = await Promise.all([
    import('../../identity/signer.ts'),
    import('../../identity/key-set-file.ts'),
  ]);
  const { privateKey, publicKey } = await createKeyPair(principal);
  await mkdir(dirname(out), { recursive: true });
  // Private from the first moment on, and never in the place of another key.
  await writeFile(out, `${JSON.stringify(privateKey, undefined, 2)}\n`, { mode: 0o600, flag: 'wx' });
  try {
    await addKey(jwks, publicKey);
  } catch (error) {
    await rm(out, { force: true });
    throw error;
  }
  const { kid } = publicKey;
  // Whole paths: `admit` and the workers may run in other folders.
  const env = { ADMISSION_SIGNING_KEY: resolve(out), ADMISSION_ASSERTION_KEYS: resolve(jwks) };
  print(json, { kid, principal: principal ?? null, out, jwks, env }, () => [
    `made the key ${kid} for ${principal ?? 'anybody'}`,
    `  private  ${out}  (keep it secret)`,
    `  public   ${jwks}`,
    '',
    'To sign, where `admit` runs:    ADMISSION_SIGNING_KEY=' + env.ADMISSION_SIGNING_KEY,
    'To check, where workers run:    ADMISSION_ASSERTION_KEYS=' + env.ADMISSION_ASSERTION_KEYS,
  ]);
  return undefined;
}

function issueOf(principal: string | undefined, out: string, jwks: string): AdmissionError | undefined {
  if (principal !== undefined && !['user', 'bot'].includes(parseArn(principal)?.kind ?? '')) {
    const accepted = `the ARN of a user or bot, ${arnShape('user|bot')}`;
    return {
      code: 'InvalidPrincipal',
      field: 'principal',
      message: `${principal} is nobody who gives commands`,
      accepted,
    };
  }
  if (resolve(out) === resolve(jwks)) {
    const message = 'the private key and the JWKS cannot be one file';
    return { code: 'InvalidFile', field: 'out', message, accepted: 'a file of its own' };
  }
  if (!existsSync(out)) return undefined;
  return {
    code: 'FileExists',
    field: 'out',
    message: `${out} is already there`,
    accepted: 'a file that is not there yet',
  };
}

function addKeysList(keys: Command): void {
  keys
    .command('list')
    .summary('the keys of a JWKS file, and whom they prove')
    .description('Lists the keys of a JWKS file: whether they count, and whom they prove.')
    .option(...KEY_SET_OPTION)
    .option('--json', 'print JSON')
    .action((options: KeySetOptions) =>
      withKeySet(options, async (file) => {
        const { listKeys } = await import('../../identity/key-set-file.ts');
        const listed = await listKeys(file);
        print(options.json, listed, () => (listed.length === 0 ? ['no keys'] : columns(listed.map(row))));
        return undefined;
      }),
    );
}

function row({ kid, state, principal }: ListedKey): string[] {
  return [kid, state, principal ?? (state === 'unusable' ? '' : 'anybody')];
}

function addKeysRevoke(keys: Command): void {
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
        const { revokeKey } = await import('../../identity/key-set-file.ts');
        if (!(await revokeKey(file, kid))) {
          const accepted = 'an id that `admit keys list` prints';
          return { code: 'UnknownKey', field: 'kid', message: `there is no key ${kid} in ${file}`, accepted };
        }
        print(options.json, { kid, jwks: file, revoked: true }, () => [`revoked ${kid} in ${file}`]);
        return undefined;
      }),
    );
}
