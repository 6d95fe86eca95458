import type { AdmissionError } from '../../../service/result.ts';
import { io } from '../../io.ts';
import { printError } from '../../output.ts';

export const USUAL_KEY_SET = 'admission-keys.json';
export const KEY_SET_OPTION = [
  '--jwks <file>',
  `the JWKS of the workers (default: ADMISSION_ASSERTION_KEYS if it is a file, else ${USUAL_KEY_SET})`,
] as const;

export interface KeySetOptions {
  jwks?: string;
  json?: boolean;
}

/** Runs a command on a JWKS file; its errors are printed. */
export async function withKeySet(
  { jwks, json }: KeySetOptions,
  command: (file: string) => Promise<AdmissionError | undefined>,
): Promise<void> {
  const [{ isUrl }, { KeySetError }] = await Promise.all([
    import('../../../identity/keys.ts'),
    import('../../../identity/key-set-file.ts'),
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
