import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { arnShape, parseArn } from '../../../domain/arn.ts';
import type { AdmissionError } from '../../../service/result.ts';
import { print } from '../../output.ts';
import { KEY_SET_OPTION, withKeySet } from './key-set-option.ts';
import type { KeySetOptions } from './key-set-option.ts';

interface NewOptions extends KeySetOptions {
  principal?: string;
  out: string;
}

export function addKeysNew(keys: Command): void {
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
    import('../../../identity/signer.ts'),
    import('../../../identity/key-set-file.ts'),
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
