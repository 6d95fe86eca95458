import { ApplicationFailure } from '@temporalio/common';
import { allHandlersFinished, CancellationScope, condition, ContinueAsNew, workflowInfo } from '@temporalio/workflow';
import type { Actor } from '../domain/actor.ts';
import { parseJoinCommand } from '../schemas/join-request.ts';
import type { JoinRequest } from '../domain/request.ts';
import type { RequestView } from '../domain/view.ts';
import { RESOLVED } from './allowed.ts';
import type { Carried, Phase } from './carried.ts';
import { act, beActive, failed, holdIncident, wait } from './course.ts';
import { evaluate } from './evaluation.ts';
import { toRequestError } from './failures.ts';
import { registerHandlers } from './handlers.ts';
import { createDoor } from './door.ts';
import { createInbox } from './inbox.ts';
import { createRecord } from './record.ts';
import type { Run } from './run.ts';
import { createRounds } from './rounds.ts';
import { assertGoesOnFromOurs, clearBrought, wrongStart } from './start.ts';
import { tellParent, tellPeople } from './telling.ts';

/**
 * One request to join a channel, from the question to the membership, and to its end where it has a term. It does all the
 * work from its input, so that a start from the Temporal UI behaves the same; the input may be anything. Cancelling it
 * means withdraw, or revoke once the member is there. `carried` is what an earlier run of the same request leaves.
 */
export async function joinChannel(input: unknown, carried?: Carried): Promise<RequestView> {
  const parsed = parseJoinCommand(input);
  const invalid = wrongStart(carried) ?? (parsed.ok ? undefined : invalidRequest(parsed.issues));
  const record = createRecord(parsed.ok ? parsed.value.request : ({} as JoinRequest), invalid ? undefined : carried);
  clearBrought({ refused: invalid !== undefined });
  const run: Run = { record, inbox: createInbox(), rounds: createRounds(), door: createDoor() };
  registerHandlers(run, invalid);
  if (invalid) {
    await condition(allHandlersFinished);
    throw invalid;
  }
  const actor = parsed.ok ? parsed.value.actor : undefined;
  // Nothing below is cancelled half way: the inbox tells the loop that somebody asked for it.
  return CancellationScope.nonCancellable(async () => {
    if (carried) {
      await assertGoesOnFromOurs(run.inbox);
      record.update({});
    }
    try {
      return await withIncidents(run, async () =>
        carried ? GO_ON[carried.phase](run) : begin(run, actor ? { actor } : {}),
      );
    } finally {
      run.inbox.refuseRest(RESOLVED);
      if (record.view.state === 'closed') await tellEnd(run);
      await condition(allHandlersFinished);
    }
  });
}

const GO_ON: Record<Phase, (run: Run) => Promise<RequestView>> = {
  waiting: wait,
  incident: holdIncident,
  active: beActive,
};

/** What nobody took care of ends the request as failed, or is an incident where something would be lost. */
async function withIncidents(run: Run, work: () => Promise<RequestView>): Promise<RequestView> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ContinueAsNew || run.record.view.state === 'closed') throw error;
    return withIncidents(run, async () => failed(run, toRequestError(error)));
  }
}

async function begin(run: Run, asker: { readonly actor?: Actor }): Promise<RequestView> {
  const { record, inbox } = run;
  const { parent, firstExecutionRunId: firstRunId } = workflowInfo();
  const admission = await evaluate(run, { asker: { ...asker, isChild: parent !== undefined, firstRunId } });
  if (admission === 'withdrawn' || inbox.isCancelled()) return record.close('withdrawn');
  return act(run, admission);
}

async function tellEnd(run: Run): Promise<void> {
  const { view } = run.record;
  if (view.outcome) await tellPeople(view.outcome, run);
  await tellParent(view);
}

function invalidRequest(issues: readonly { message: string }[]): ApplicationFailure {
  const message = issues.map((issue) => issue.message).join('; ');
  // The second detail is where a failed request keeps its record; there is none here.
  return ApplicationFailure.nonRetryable(message, 'InvalidRequest', { ...issues[0], issues });
}
