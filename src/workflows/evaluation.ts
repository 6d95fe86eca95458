import { CancellationScope, condition } from '@temporalio/workflow';
import type { Admission } from '../activities/admit.ts';
import type { JoinRequest } from '../domain/request.ts';
import { activities, localActivities } from './activity-options.ts';
import { isTerminal } from './failures.ts';
import type { Inbox } from './inbox.ts';
import type { Record } from './record.ts';
import { takeWithdrawal } from './withdrawal.ts';

const SUMMARY = 'Read the facts and ask every policy';

/**
 * Asks the policies: quickly in a local activity, and if that fails in a way that may pass, patiently in an ordinary one,
 * during which the request can be withdrawn.
 */
export async function evaluate(record: Record, inbox: Inbox): Promise<Admission | 'withdrawn'> {
  const { request } = record.view;
  try {
    return await localActivities(SUMMARY).admit(request);
  } catch (error) {
    if (isTerminal(error)) throw error;
  }
  return patiently(request, record, inbox);
}

async function patiently(request: JoinRequest, record: Record, inbox: Inbox): Promise<Admission | 'withdrawn'> {
  const scope = new CancellationScope();
  let done = false;
  const admission = scope.run(() => activities(`${SUMMARY}, as long as it takes`).admit(request));
  const finished = () => {
    done = true;
  };
  void admission.then(finished, finished);
  for (;;) {
    await condition(() => done || inbox.isCancelled() || !inbox.isEmpty());
    if (done) return admission;
    if (inbox.isCancelled() || (await takeWithdrawal(record, inbox))) {
      scope.cancel();
      return 'withdrawn';
    }
  }
}
