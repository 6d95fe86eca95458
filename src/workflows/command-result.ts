import type { CommandResult } from '../domain/commands.ts';
import type { RequestView } from '../domain/view.ts';

export function resultOf({ id, state, outcome, progress }: RequestView): CommandResult {
  return { id, state, outcome, progress };
}
