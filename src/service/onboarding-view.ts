import { ServiceError, WorkflowFailedError } from '@temporalio/client';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { STATE_QUERY } from '../domain/commands.ts';
import { ONBOARDING_TYPE } from '../domain/onboarding/commands.ts';
import type { OnboardingView } from '../domain/onboarding/state.ts';
import { ANSWER_WITHIN_MS } from './connect.ts';
import { answered, noWorker, toAdmissionError } from './failures.ts';
import { bad, good } from './result.ts';
import type { AdmissionError, Result } from './result.ts';

/** Reads an onboarding: a closed one from its result, which needs no worker, and an open one by asking its workflow. */
export async function readOnboarding(
  id: string,
  { client, taskQueue }: { client: Client; taskQueue: string },
): Promise<Result<OnboardingView>> {
  const handle = client.workflow.getHandle(id);
  try {
    const { type, runId, status } = await handle.describe();
    if (type !== ONBOARDING_TYPE) return bad(unknown(id));
    if (status.name === 'RUNNING') return await answered(ask(handle), ofOnboarding(noWorker(taskQueue, id)));
    return await client.workflow
      .getHandle(id, runId)
      .result()
      .then(
        (view) => good(view as OnboardingView),
        (error: unknown) => ended(error, id, status.name),
      );
  } catch (error) {
    return bad(ofOnboarding(toAdmissionError(error, id)));
  }
}

/** Right after a worker came, or under load, a server may say that it has seen none: then it is asked again. */
async function ask(handle: WorkflowHandle): Promise<Result<OnboardingView>> {
  const giveUpAt = Date.now() + ANSWER_WITHIN_MS;
  for (;;) {
    try {
      return good(await handle.query<OnboardingView>(STATE_QUERY));
    } catch (error) {
      const unseen = error instanceof ServiceError && /no poller/i.test(String(error.cause));
      if (!unseen || Date.now() > giveUpAt) throw error;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}

/** One that failed has its record in its failure; one that never was valid, or that Temporal ended, has none. */
function ended(error: unknown, id: string, status: string): Result<OnboardingView> {
  const cause = error instanceof WorkflowFailedError ? error.cause : error;
  const failure = cause instanceof ApplicationFailure ? cause : undefined;
  const view = failure?.details?.[1] as OnboardingView | undefined;
  if (view) return good(view);
  const message = failure?.message ?? `The workflow was ended in Temporal: ${status}.`;
  return bad({ code: failure?.type ?? `Workflow${status}`, message, id });
}

/** The same error in the words of onboardings. */
export function ofOnboarding(error: AdmissionError): AdmissionError {
  if (error.code === 'UnknownRequest') return unknown(error.id ?? '');
  return { ...error, message: error.message.replace(/\bthe request\b/, 'the onboarding') };
}

function unknown(id: string): AdmissionError {
  return {
    code: 'UnknownRequest',
    message: `There is no onboarding ${id}.`,
    field: 'id',
    accepted: 'an id that `admit onboard start` or `admit onboard list` printed',
    id,
  };
}
