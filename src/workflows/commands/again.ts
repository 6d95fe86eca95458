import type { AdmitCall } from '../../activities/admit.ts';
import type { Refusal } from '../../domain/commands.ts';
import { resultOf } from '../command-result.ts';
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
    return { answer: resultOf(run.record.view), end: { result: 'evaluated', admission } };
  } catch (error) {
    const { type, message, field, accepted } = toRequestError(error);
    const issue = { ...(field === undefined ? {} : { field }), ...(accepted === undefined ? {} : { accepted }) };
    if (type === 'InvalidRequest') return { answer: { code: 'InvalidRequest', message, ...issue } };
    const said = `The policies could not be asked again (${type}: ${message}). Nothing was changed.`;
    return { answer: { code: 'Unavailable', message: said } };
  }
}

const WITHDRAWN: Refusal = { code: 'AlreadyResolved', message: 'The request was withdrawn meanwhile.' };
