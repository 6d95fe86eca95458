import type { Command } from 'commander';
import { arnShape, parseArn } from '../domain/arn.ts';
import type { ActorCommandName, CommandOf, CommandResult } from '../domain/commands.ts';
import { bad, good, type AdmissionError, type Result } from '../service/result.ts';
import { withService, type Context } from './context.ts';
import { REVOCATION } from './describe/waiting.ts';
import { withFlag } from './options.ts';
import { columns, print } from './output.ts';

/** The options of every command that somebody has to answer for. */
export interface ActorOptions {
  as?: string;
  json?: boolean;
}

/** Gives a command of `admit` the id of a request, and who gives it. */
export function addActorOptions(command: Command, who: string): Command {
  return command
    .argument('<id>', 'the id of the request')
    .option('--as <arn>', `who gives this command: ${who} (default: whom the signing key is for)`)
    .option('--json', 'print JSON');
}

/** Gives a command about a request, and prints where the request stands then. */
export function give<N extends ActorCommandName>(
  id: string,
  name: N,
  fields: Omit<CommandOf<N>, 'actor'>,
  { as, json }: ActorOptions,
): Promise<void> {
  return withService(json, async (context) => {
    const actor = actorOf(as, context);
    if (!actor.ok) return actor.error;
    const command = { ...fields, actor: { principal: actor.value } } as unknown as CommandOf<N>;
    return reportCommand(await context.service.give(id, name, command), json);
  });
}

/** Who gives a command: who is named, else whom the signing key is for. */
export function actorOf(as: string | undefined, { principal }: Pick<Context, 'principal'>): Result<string> {
  const actor = as ?? principal;
  if (actor === undefined) {
    const accepted = 'the ARN of a user, or ADMISSION_SIGNING_KEY with a personal key';
    return bad({ code: 'InvalidCall', field: 'as', message: '--as: who gives this command?', accepted });
  }
  if (['user', 'bot'].includes(parseArn(actor)?.kind ?? '')) return good(actor);
  const message = `--as: ${JSON.stringify(actor)} is no ARN of a user or bot`;
  return bad({ code: 'InvalidCall', field: 'as', message, accepted: arnShape('user|bot') });
}

/** Prints where a request stands after a command. */
export function reportCommand(result: Result<CommandResult>, json: boolean | undefined): AdmissionError | undefined {
  if (!result.ok) return withFlag(result.error);
  const { id, state, outcome, progress, revocation } = result.value;
  const rows = progress.map(({ binding, stage, status, approve, approvedBy }) => [
    binding,
    stage,
    status,
    `${approvedBy.length} of ${approve} approval(s)`,
  ]);
  const open = [...columns(rows, '  '), '', `To see what comes next: admit plan ${id}`];
  print(json, result.value, () => [
    revocation ? `${id}: ${REVOCATION[revocation.state]}` : `${id} is ${outcome ?? state}`,
    ...(outcome === null ? open : []),
  ]);
  return undefined;
}
