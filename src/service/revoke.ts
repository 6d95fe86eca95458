import { setTimeout } from 'node:timers/promises';
import { WithStartWorkflowOperation, WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { Workflow } from '@temporalio/common';
import { isRefusal, type CommandOf, type CommandResult } from '../domain/commands.ts';
import { parseCommand } from '../schemas/commands.ts';
import { REQUEST_REVOCATION, REVOCATION_TYPE } from '../domain/revocation.ts';
import type { Revocation } from '../domain/view.ts';
import { digestOf } from '../identity/digest.ts';
import { grantedBy, runsOf, type GrantedRun } from '../request-runs.ts';
import { revocationId } from '../workflow-id.ts';
import { ANSWER_WITHIN_MS, type ServiceOptions } from './connect.ts';
import { answered, noWorker, toAdmissionError, pauseBefore, wasNotHandled } from './failures.ts';
import { giveCommand } from './give-command.ts';
import { readView } from './read-view.ts';
import { bad, good, type AdmissionError, type Result } from './result.ts';

/** Ends a membership: through its request while that is open, else by a workflow of its own. */
export async function revoke(id: string, input: unknown, options: ServiceOptions): Promise<Result<CommandResult>> {
  const command = parseCommand('revoke', input);
  if (isRefusal(command)) return bad({ ...command, id });
  const given = await giveCommand(id, 'revoke', command, options);
  if (given.ok || given.error.code !== 'AlreadyResolved') return given;
  return answered(revokeClosed(id, command, options), noWorker(options.taskQueue, id));
}

async function revokeClosed(
  id: string,
  command: CommandOf<'revoke'>,
  options: ServiceOptions,
): Promise<Result<CommandResult>> {
  try {
    const granted = await lastGrant(id, options);
    if (!granted) return bad(await nothingGranted(id, options));
    const { view, run } = granted;
    const answer = await start(granted, await signed(granted, command, options), options);
    if (!answer.ok) return answer;
    const { state, outcome, progress } = view;
    const ended = outcome ?? (run.status === 'RUNNING' ? null : 'failed');
    return good({ id, state: ended ? 'closed' : state, outcome: ended, progress, revocation: answer.value });
  } catch (error) {
    return bad(toAdmissionError(error, id));
  }
}

/** Of all that was granted by this id, the last: what was granted before was gone by then. */
async function lastGrant(id: string, { client, taskQueue }: ServiceOptions): Promise<GrantedRun | undefined> {
  for (const run of await runsOf(client, id, taskQueue)) {
    if (run.status === 'RUNNING' || run.status === 'CONTINUED_AS_NEW') continue;
    const granted = await grantedBy(client, run);
    if (granted) return granted;
  }
  return undefined;
}

async function signed({ run, view }: GrantedRun, command: CommandOf<'revoke'>, { sign }: ServiceOptions) {
  const { actor, ...payload } = command;
  if (!sign || actor.assertion !== undefined) return command;
  const { request, requestedAt } = view;
  const about = { command: 'revoke', workflowId: run.id, requestDigest: digestOf(request), requestedAt };
  const assertion = await sign(actor.principal, { ...about, payload });
  return { ...payload, actor: { principal: actor.principal, assertion } };
}

async function start(
  { run: { id, runId } }: GrantedRun,
  command: CommandOf<'revoke'>,
  { client, taskQueue }: ServiceOptions,
): Promise<Result<Revocation>> {
  const input = { target: { id, runId }, ...command };
  const giveUpAt = Date.now() + ANSWER_WITHIN_MS;
  for (let attempt = 1; ; attempt += 1) {
    const startWorkflowOperation = new WithStartWorkflowOperation(REVOCATION_TYPE, {
      workflowId: revocationId(id, runId),
      taskQueue,
      args: [input],
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      staticSummary: `Ends the membership of the request ${id}`,
    });
    try {
      const options = { startWorkflowOperation, args: [input] as [unknown] };
      return good(
        await client.workflow.executeUpdateWithStart<Workflow, Revocation, [unknown]>(REQUEST_REVOCATION, options),
      );
    } catch (error) {
      if (!wasNotHandled(error) || Date.now() > giveUpAt) throw error;
      await setTimeout(pauseBefore(attempt));
    }
  }
}

const NOTHING: Readonly<Record<string, string>> = {
  alreadyMember:
    'The member was there before this request: the membership is not one that this system made. Remove it in Chime.',
  revoked: 'The membership that this request made has been ended already.',
};

async function nothingGranted(id: string, options: ServiceOptions): Promise<AdmissionError> {
  const view = await readView(id, options);
  if (!view.ok) return view.error;
  const { outcome } = view.value;
  const message =
    NOTHING[outcome ?? ''] ?? `The request ended as ${outcome} and made no membership: there is nothing to end.`;
  return { code: 'AlreadyResolved', message, id };
}

/** How a membership is being ended after its request, if it is; from the server alone. */
export async function readRevocation(id: string, client: Client): Promise<Revocation | undefined> {
  try {
    const { memo, status } = await client.workflow.getHandle(id).describe();
    const revocation = memo?.['revocation'] as Revocation | undefined;
    const isOver = status.name !== 'RUNNING' && revocation?.state === 'removing';
    return isOver ? { ...revocation, state: 'failed' } : revocation;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** Waits until a membership that is being ended is ended, or has turned out not to be. */
export async function waitForRevocation(begun: Revocation, client: Client): Promise<Revocation> {
  await client.workflow
    .getHandle(begun.id)
    .result()
    .catch(() => undefined);
  return (await readRevocation(begun.id, client)) ?? begun;
}
