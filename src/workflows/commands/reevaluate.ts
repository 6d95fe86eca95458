import type { CommandOf } from '../../domain/commands.ts';
import { toldResult } from '../command-result.ts';
import type { Handled } from '../end.ts';
import type { Run } from '../run.ts';
import { askAgain } from './again.ts';

/** Asks the policies again: another set has come, or what they looked at has changed. What they said stands if they cannot be asked. */
export async function reevaluate({ policyDigest, changed }: CommandOf<'reevaluate'>, run: Run): Promise<Handled> {
  const { view } = run.record;
  if (!changed && policyDigest === view.policyDigest) return { answer: toldResult(view) };
  // What is remembered of the channel may be from before the change.
  return askAgain(run, changed ? { fresh: true } : {});
}
