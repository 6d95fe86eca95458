import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { Verified } from '../activities/actors.ts';
import type { Actor, Refusal } from '../domain/commands.ts';
import type { JoinRequest } from '../domain/request.ts';
import { localActivities } from './activity-options.ts';
import { isTerminal, toRequestError } from './failures.ts';

/** A little more patient: but a caller waits for the answer (10 s), and the main loop handles nothing else meanwhile. */
function patientActivities(summary: string) {
  return proxyActivities<Activities>({
    startToCloseTimeout: 3_000,
    scheduleToCloseTimeout: 5_000,
    retry: { initialInterval: 500 },
    summary,
  });
}

type Name = 'verifyActor' | 'confirmOffices';

/** Whether the actor is who they say, which needs nothing of Chime. */
export async function authenticate(actor: Actor): Promise<Verified | Refusal> {
  return localFirst('verifyActor', 'Check who gives the command', [actor, null]);
}

/** The same, and which offices they hold on the channel. An outage is a refusal that says so, never a guess. */
export async function verify(actor: Actor, { channelArn }: JoinRequest): Promise<Verified | Refusal> {
  return localFirst('verifyActor', 'Check who gives the command, and their office', [actor, channelArn]);
}

/** The offices that earlier reviewers hold now, in their order. */
export async function confirm(principals: readonly string[], { channelArn }: JoinRequest) {
  return localFirst('confirmOffices', 'Check the offices of the earlier reviewers again', [principals, channelArn]);
}

async function localFirst<N extends Name>(
  name: N,
  summary: string,
  args: Parameters<Activities[N]>,
): Promise<Awaited<ReturnType<Activities[N]>> | Refusal> {
  const run = (proxy: Pick<Activities, Name>) =>
    (proxy[name] as (...args: unknown[]) => ReturnType<Activities[N]>)(...args);
  try {
    return await run(localActivities(summary));
  } catch (error) {
    if (isTerminal(error)) return unavailable(error);
  }
  try {
    return await run(patientActivities(summary));
  } catch (error) {
    return unavailable(error);
  }
}

function unavailable(error: unknown): Refusal {
  const { type, message } = toRequestError(error);
  return {
    code: 'Unavailable',
    message: `Your office on the channel could not be read (${type}: ${message}). Nothing was changed: try again.`,
  };
}
