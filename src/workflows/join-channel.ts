import { ApplicationFailure } from '@temporalio/common';
import { allHandlersFinished, CancellationScope, condition } from '@temporalio/workflow';
import { parseJoinRequest } from '../domain/request.ts';
import type { JoinRequest } from '../domain/request.ts';
import type { RequestView } from '../domain/view.ts';
import { evaluate } from './evaluation.ts';
import type { Concluded } from './evaluation.ts';
import { toRequestError } from './failures.ts';
import { waitForPeople } from './gate.ts';
import { grant } from './grant.ts';
import { registerHandlers } from './handlers.ts';
import { createInbox } from './inbox.ts';
import type { Inbox } from './inbox.ts';
import { createRecord } from './record.ts';
import type { Record } from './record.ts';

/**
 * One request to join a channel, from the question to the membership. It does all the work from its input, so that a
 * start from the Temporal UI behaves the same; the input may be anything. Cancelling it means withdraw.
 */
export async function joinChannel(input: unknown): Promise<RequestView> {
  const parsed = parseJoinRequest(input);
  const invalid = parsed.ok ? undefined : invalidRequest(parsed.issues);
  const record = createRecord(parsed.ok ? parsed.value : (input as JoinRequest));
  const inbox = createInbox();
  registerHandlers(record, inbox, invalid);
  if (invalid) {
    await condition(allHandlersFinished);
    throw invalid;
  }
  // Nothing below is cancelled half way: the inbox tells the loop that somebody asked for it.
  return CancellationScope.nonCancellable(async () => {
    record.update({});
    try {
      return await decideAndGrant(record, inbox);
    } finally {
      inbox.refuseRest({ code: 'AlreadyResolved', message: 'The request is resolved, and that is final.' });
      await condition(allHandlersFinished);
    }
  });
}

async function decideAndGrant(record: Record, inbox: Inbox): Promise<RequestView> {
  const admission = await evaluate(record, inbox).catch((error: unknown) => record.fail(toRequestError(error)));
  if (admission === 'withdrawn' || inbox.isCancelled()) return record.close('withdrawn');
  return act(record, inbox, admission);
}

/** Does what the policies came to; asked again, it does what they come to then. */
async function act(record: Record, inbox: Inbox, admission: Concluded): Promise<RequestView> {
  const { decisions, policyDigest } = admission;
  const { composition, facts } = admission.conclusion;
  const found = { decisions, facts, policyDigest, composition };
  switch (composition.action) {
    case 'deny':
      return record.close('denied', { ...found, reason: composition.reason });
    case 'alreadyMember':
      return record.close('alreadyMember', { ...found, ...standingMembership(record, admission) });
    case 'admit':
      return execute(record, admission, undefined, { ...found, requirements: [] });
    case 'pend':
      return askPeople(record, inbox, admission, { ...found, requirements: composition.requirements });
  }
}

async function askPeople(
  record: Record,
  inbox: Inbox,
  admission: Concluded,
  found: Partial<RequestView>,
): Promise<RequestView> {
  const { expireAfterMs } = admission.settings;
  const dueAt = record.view.dueAt ?? new Date(Date.now() + expireAfterMs).toISOString();
  record.update({ ...found, state: 'pending', dueAt });
  const end = await waitForPeople(record, inbox, dueAt);
  switch (end.result) {
    case 'approved':
      return execute(record, admission, end.completedBy, {});
    case 'denied':
      return record.close('denied', { reason: REVIEW_DENIED });
    case 'expired':
      return record.close('expired', { reason: { ...EXPIRED, message: `Nobody decided before ${dueAt}.` } });
    case 'withdrawn':
      return record.close('withdrawn');
    case 'reevaluated':
      return act(record, inbox, end.admission);
  }
}

async function execute(
  record: Record,
  admission: Concluded,
  approver: string | undefined,
  found: Partial<RequestView>,
): Promise<RequestView> {
  const bearer = admission.conclusion.executor ?? approver ?? admission.serviceBearer;
  record.update({ ...found, state: 'granting', bearer });
  try {
    const { outcome, ...granted } = await grant(record.view.request, bearer, admission.settings);
    return record.close(outcome, granted);
  } catch (error) {
    return record.fail(toRequestError(error));
  }
}

function standingMembership({ view }: Record, { facts }: Concluded): Partial<RequestView> {
  const { name, invitedBy, subChannelId } = facts['member.membership']?.value ?? {};
  return {
    member: { arn: view.request.memberArn, ...(name === undefined ? {} : { name }) },
    ...(invitedBy === undefined ? {} : { invitedBy }),
    ...(subChannelId === undefined ? {} : { subChannelId }),
  };
}

function invalidRequest(issues: readonly { message: string }[]): ApplicationFailure {
  const message = issues.map((issue) => issue.message).join('; ');
  // The second detail is where a failed request keeps its record; there is none here.
  return ApplicationFailure.nonRetryable(message, 'InvalidRequest', { ...issues[0], issues });
}

const REVIEW_DENIED = {
  code: 'REVIEW_DENIED',
  message: 'A moderator of the channel or an admin of the app instance denied this request.',
  binding: 'host',
  visibility: 'full',
} as const;

const EXPIRED = { code: 'EXPIRED', binding: 'host', visibility: 'full' } as const;
