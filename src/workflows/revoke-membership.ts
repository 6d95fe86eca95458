import { ApplicationFailure } from '@temporalio/common';
import {
  allHandlersFinished,
  CancellationScope,
  condition,
  defineUpdate,
  setCurrentDetails,
  setHandler,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import type { Granted } from '../activities/granted.ts';
import type { Checked } from '../domain/checked.ts';
import type { CommandOf } from '../domain/commands.ts';
import { guardRevocation, type UncheckedRevocation } from '../domain/guard.ts';
import { isRefusal, type Refusal } from '../domain/refusal.ts';
import { mayNotEnd, REQUEST_REVOCATION } from '../domain/revocation.ts';
import type { Revocation } from '../domain/view.ts';
import { chimeActivities, toRequestError } from './engine/activities.ts';
import { quickThenFirm } from './engine/check.ts';
import { clearBrought, wrongStart } from './engine/continue.ts';
import { guarded } from './engine/handlers.ts';
import { refuse } from './engine/inbox.ts';

/** How far a revocation is; none before it is known that it may be. */
interface Progress {
  revocation?: Revocation;
  refusal?: Refusal;
}

const ANSWER_WITHIN_MS = 5_000;
const revocationUpdate = defineUpdate<Revocation, [unknown]>(REQUEST_REVOCATION);

/**
 * Ends a membership that a closed request made: it proves who wants that, reads from the server what was granted, and
 * removes it, if it is still the same one. The input may be anything; two revocations of one grant are one.
 */
export async function revokeMembership(input: unknown): Promise<Revocation> {
  const parsed = guardRevocation(input);
  const odd = wrongStart(undefined);
  clearBrought({ refused: false });
  const progress: Progress = {};
  setHandler(revocationUpdate, guarded(answering(input, progress)), {
    description: 'End the membership of a closed request, and learn how far that is',
  });
  return CancellationScope.nonCancellable(async () => {
    const granted = odd ?? (isRefusal(parsed) ? parsed : await allowed(parsed, progress));
    if (granted instanceof ApplicationFailure || isRefusal(granted)) {
      progress.refusal = granted instanceof ApplicationFailure ? INVALID_START(granted.message) : granted;
      await condition(allHandlersFinished);
      throw refuse(progress.refusal);
    }
    try {
      return await removed(granted, progress);
    } finally {
      await condition(allHandlersFinished);
    }
  });
}

/** Who starts it is told how far it is, and who wants the same as another hears that it is under way. */
function answering(input: unknown, progress: Progress): (asked: unknown) => Promise<Revocation> {
  return async (asked) => {
    await condition(() => Boolean(progress.revocation ?? progress.refusal), ANSWER_WITHIN_MS);
    const isRemoved = () => progress.revocation !== undefined && progress.revocation.state !== 'removing';
    if (progress.revocation) await condition(isRemoved, ANSWER_WITHIN_MS);
    if (progress.revocation) return progress.revocation;
    // What somebody else was refused says nothing about this command.
    if (JSON.stringify(asked) !== JSON.stringify(input)) throw refuse(BUSY);
    throw refuse(progress.refusal ?? SLOW);
  };
}

/** What is to be removed, if the actor may have it removed. */
async function allowed(
  { target, command: given }: UncheckedRevocation,
  progress: Progress,
): Promise<Granted | Refusal> {
  const granted = await quickThenFirm('Read what the request made', (proxy) => proxy.readGranted(target));
  if (isRefusal(granted)) return granted;
  const { request, requestedAt } = granted;
  const about = { of: 'request', name: 'revoke', workflowId: target.id, subject: request, requestedAt } as const;
  const call = { ...about, input: given, standing: { request, approvers: [] } };
  const checked = await quickThenFirm('Check who gives the command, and their office', (proxy) =>
    proxy.checkCommand(call),
  );
  if (isRefusal(checked)) return checked;
  const { command, roles, verified } = checked as Checked<CommandOf<'revoke'>>;
  const { actor, reason } = command;
  const refusal = mayNotEnd(actor.principal, request, roles);
  if (refusal) return refusal;
  const deed = { by: actor.principal, at: new Date().toISOString(), verified };
  show(progress, { ...deed, id: workflowInfo().workflowId, reason, state: 'removing' });
  return granted;
}

async function removed(granted: Granted, progress: Progress): Promise<Revocation> {
  const { request, grant, serviceBearer, settings } = granted;
  const chime = chimeActivities('Remove the member, if the membership is still ours', serviceBearer, settings);
  try {
    const state = await chime.removeMembership({ request, grant });
    return show(progress, { ...begun(progress), state });
  } catch (failure) {
    const error = toRequestError(failure);
    const view = show(progress, { ...begun(progress), state: 'failed', error });
    throw ApplicationFailure.nonRetryable(error.message, error.type, error, view);
  }
}

function begun({ revocation }: Progress): Revocation {
  if (!revocation) throw ApplicationFailure.nonRetryable('nothing was allowed yet', 'InternalError');
  return revocation;
}

/** In the memo it can be read without a worker. */
function show(progress: Progress, revocation: Revocation): Revocation {
  progress.revocation = revocation;
  upsertMemo({ revocation });
  setCurrentDetails(`The membership: **${revocation.state}**`);
  return revocation;
}

const INVALID_START = (message: string): Refusal => ({ code: 'InvalidCommand', message });

const BUSY: Refusal = { code: 'Continuing', message: 'Another revocation is being checked: give the command again.' };

const SLOW: Refusal = {
  code: 'Unavailable',
  message: 'The revocation is still being checked, and goes on: look at the request again.',
};
