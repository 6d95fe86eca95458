import { log } from '@temporalio/workflow';
import type { AdmitCall } from '../../activities/admit.ts';
import type { Refusal } from '../../domain/commands.ts';
import { toldResult } from '../command-result.ts';
import type { Handled } from '../end.ts';
import { evaluate } from '../evaluation.ts';
import type { Concluded } from '../concluded.ts';
import { toRequestError } from '../failures.ts';
import type { Run } from '../run.ts';

/**
 * Asks the policies again about what a command changes; `taken` records the change once they have answered. If they cannot
 * be asked, nothing is changed.
 */
export async function askAgain(
  run: Run,
  about: Partial<AdmitCall>,
  taken: (admission: Concluded) => void = () => undefined,
): Promise<Handled> {
  try {
    const admission = await evaluate(run, about);
    if (admission === 'withdrawn') return { answer: WITHDRAWN, end: { result: 'withdrawn' } };
    taken(admission);
    return { answer: toldResult(run.record.view), end: { result: 'evaluated', admission } };
  } catch (error) {
    const { type, message, field, accepted } = toRequestError(error);
    const issue = { ...(field === undefined ? {} : { field }), ...(accepted === undefined ? {} : { accepted }) };
    if (type === 'InvalidRequest') return { answer: { code: 'InvalidRequest', message, ...issue } };
    log.warn('the policies could not be asked again', { error });
    return { answer: UNAVAILABLE };
  }
}

/** Who gave the command may not know what was found. */
const UNAVAILABLE: Refusal = {
  code: 'Unavailable',
  message: 'The policies could not be asked again; nothing was changed. Operators can see why.',
};

const WITHDRAWN: Refusal = { code: 'AlreadyResolved', message: 'The request was withdrawn meanwhile.' };
