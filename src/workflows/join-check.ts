import type { Checked, Command } from '../domain/join/commands.ts';
import type { CommandCall } from '../domain/checked.ts';
import type { Refusal } from '../domain/refusal.ts';
import { quickThenFirm } from './engine/check.ts';

/** Has a command read in full, and finds out who gives it: see `checkCommand`. */
export async function check(call: CommandCall | undefined, given: Command): Promise<Checked | Refusal> {
  // Nobody has to answer for these, and the guard has read them in full.
  if (!call || given.name === 'look' || given.name === 'reevaluate') return {};
  const { name, command: input } = given;
  const summary = call.standing ? 'Check who gives the command, and their office' : 'Check who gives the command';
  return quickThenFirm(summary, (proxy) => proxy.checkCommand({ of: 'request', name, input, ...call }));
}
