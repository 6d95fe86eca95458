import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { CommandToProve } from '../domain/actor.ts';
import {
  isRefusal,
  WORKFLOW_TYPE,
  type Actor,
  type ActorCommandName,
  type CommandName,
  type CommandOf,
  type CommandResult,
} from '../domain/commands.ts';
import { parseCommand } from '../schemas/commands.ts';
import { subjectOf } from '../domain/subject.ts';
import { digestOf } from '../identity/digest.ts';
import type { Signer } from '../identity/signer.ts';
import { fewAtOnce } from './few-at-once.ts';
import { answered, noWorker, toAdmissionError, GIVE_FOR_MS, pauseBefore, wasNotHandled } from './failures.ts';
import { readView } from './read-view.ts';
import { bad, good, type AdmissionError, type Result } from './result.ts';
import type { ServiceOptions } from './connect.ts';

type AnyCommand = CommandOf<CommandName>;

/** Checks a command, has it signed where nobody did, and gives it. The request is untouched where it is refused. */
export async function giveCommand(
  id: string,
  name: CommandName,
  input: unknown,
  options: ServiceOptions,
): Promise<Result<CommandResult>> {
  const parsed = parseCommand(name, input);
  if (isRefusal(parsed)) return bad({ ...parsed, id });
  const command = await prepared(id, name, parsed, options);
  if (!command.ok) return command;
  const given = () => answered(update(id, name, command.value, options.client), noWorker(options.taskQueue, id));
  return fewAtOnce(id, given);
}

async function prepared(
  id: string,
  name: CommandName,
  command: AnyCommand,
  options: ServiceOptions,
): Promise<Result<AnyCommand>> {
  // What somebody else has signed stays as it is.
  if ('actor' in command && command.actor.assertion !== undefined) return good(command);
  // With an id of its own, a review whose answer is lost may be given again.
  const named = 'decision' in command ? { reviewId: randomUUID(), ...command } : command;
  const { sign } = options;
  if (!sign || !('actor' in named)) return good(named);
  const view = await readView(id, options);
  if (!view.ok) return view;
  const { requestedAt, reviewDigest } = view.value;
  const requestDigest = digestOf(subjectOf(name as ActorCommandName, named, view.value));
  // Unless the reviewer said what was seen, it is what was read now.
  const bound = 'decision' in named && reviewDigest !== undefined ? { requestDigest: reviewDigest, ...named } : named;
  return good(await signed({ command: name, workflowId: id, requestDigest, requestedAt }, bound, sign));
}

async function signed(
  about: Omit<CommandToProve, 'payload'>,
  { actor: { principal }, ...payload }: { readonly actor: Actor },
  sign: Signer,
): Promise<AnyCommand> {
  const assertion = await sign(principal, { ...about, payload });
  return { ...payload, actor: { principal, assertion } };
}

async function update(
  id: string,
  name: CommandName,
  command: AnyCommand,
  client: Client,
): Promise<Result<CommandResult>> {
  const handle = client.workflow.getHandle(id);
  // The same id for the same command: what was taken already is answered, and not taken again.
  const options = { args: [command] as [AnyCommand], updateId: randomUUID() };
  const giveUpAt = Date.now() + GIVE_FOR_MS;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return good(await handle.executeUpdate<CommandResult, [AnyCommand]>(name, options));
    } catch (error) {
      const again = wasNotHandled(error) && Date.now() < giveUpAt;
      const meaning = again ? undefined : toAdmissionError(error, id);
      const found = meaning?.code === 'UnknownRequest' ? await statusOf(id, client) : undefined;
      if (!meaning || (found === 'RUNNING' && Date.now() < giveUpAt)) {
        await setTimeout(pauseBefore(attempt));
        continue;
      }
      return bad(found === undefined || found === 'RUNNING' ? meaning : resolved(id));
    }
  }
}

/** Temporal finds no open workflow for a closed request: then it is resolved, not unknown. */
async function statusOf(id: string, client: Client): Promise<string | undefined> {
  const known = await client.workflow
    .getHandle(id)
    .describe()
    .catch(() => undefined);
  return known?.type === WORKFLOW_TYPE ? known.status.name : undefined;
}

function resolved(id: string): AdmissionError {
  return { code: 'AlreadyResolved', message: 'The request is resolved, and that is final.', id };
}
