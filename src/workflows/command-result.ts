import type { CommandResult } from '../domain/commands.ts';
import { toldBinding } from '../domain/told.ts';
import type { RequestView } from '../domain/view.ts';

/** Where a request stands, for who reviews or operates it; who approved is in the record and not in an answer. */
export function resultOf({ id, state, outcome, progress }: RequestView): CommandResult {
  return { id, state, outcome, progress: progress.map((one) => ({ ...one, approvedBy: one.approvedBy.map(nobody) })) };
}

/** The same for the requester and the member. */
export function toldResult(view: RequestView): CommandResult {
  const result = resultOf(view);
  return { ...result, progress: result.progress.filter(({ binding }) => toldBinding(binding, view) === binding) };
}

function nobody(): string {
  return 'an approver';
}
