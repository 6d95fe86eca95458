import type { ApplicationFailure } from '@temporalio/common';
import { condition, setHandler } from '@temporalio/workflow';
import { isRefusal, parseReevaluate, parseReview, parseWithdraw } from '../domain/commands.ts';
import type { Refusal } from '../domain/commands.ts';
import { parseJoinRequest, parties } from '../domain/request.ts';
import { answerFor } from '../domain/view.ts';
import { guarded, refuse } from './failures.ts';
import type { Inbox } from './inbox.ts';
import { reevaluateUpdate, requestJoinUpdate, reviewUpdate, stateQuery, withdrawUpdate } from './messages.ts';
import type { Record } from './record.ts';

/** A caller waits no longer for the first answer: then it is told `granting` (or `evaluating`). */
const ANSWER_WITHIN_MS = 5_000;

/** Registers every message of a request. Validators are synchronous, since the SDK drops an async one's promise. */
export function registerHandlers(record: Record, inbox: Inbox, invalid: ApplicationFailure | undefined): void {
  setHandler(stateQuery, () => record.view, { description: 'Everything there is to know about this request' });

  const requestJoin = async () => {
    if (invalid) throw invalid;
    const settled = () => ['pending', 'active', 'closed'].includes(record.view.state);
    await condition(settled, ANSWER_WITHIN_MS, { summary: 'Answer the caller, however far it is' });
    return answerFor(record.view);
  };
  setHandler(requestJoinUpdate, guarded(requestJoin), {
    // A workflow that fails on its input refuses in the handler: a validator that does so in the same task hangs some servers.
    validator: (input) => assertAllowed(invalid ? undefined : otherRequest(input, record)),
    description: 'Ask to join, and learn where the request stands; never waits for people',
  });

  setHandler(
    reviewUpdate,
    guarded(async (input) => inbox.submit({ kind: 'review', command: allowed(parseReview(input)) })),
    {
      validator: (input) => assertAllowed(refusedReview(input, record)),
      description: 'Review: { actor: { principal }, decision: "approve" | "deny", comment? }',
    },
  );

  setHandler(
    withdrawUpdate,
    guarded(async (input) => inbox.submit({ kind: 'withdraw', command: allowed(parseWithdraw(input)) })),
    {
      validator: (input) => assertAllowed(refusedWithdrawal(input, record)),
      description: 'Withdraw: { actor: { principal } }, by the requester or the member',
    },
  );

  setHandler(
    reevaluateUpdate,
    guarded(async (input) => inbox.submit({ kind: 'reevaluate', command: allowed(parseReevaluate(input)) })),
    {
      validator: (input) => {
        allowed(parseReevaluate(input));
        assertAllowed(notOpen(record.view.state));
      },
      description: 'Ask the policies again: { policyDigest } of the new set',
    },
  );
}

function allowed<T extends object>(parsed: T | Refusal): T {
  if (isRefusal(parsed)) throw refuse(parsed);
  return parsed;
}

function assertAllowed(refusal: Refusal | undefined): void {
  if (refusal) throw refuse(refusal);
}

function otherRequest(input: unknown, { view: { request } }: Record): Refusal | undefined {
  const parsed = parseJoinRequest(input);
  if (!parsed.ok) {
    const [issue] = parsed.issues;
    return { code: 'InvalidRequest', message: issue?.message ?? 'not a request', ...issue };
  }
  const other = (['channelArn', 'memberArn', 'requestedBy'] as const).find(
    (name) => parsed.value[name] !== request[name],
  );
  if (other) {
    const message = `This workflow is about another request: ${other} differs.`;
    return { code: 'InvalidRequest', message, field: other, accepted: String(request[other]) };
  }
  if (parsed.value.type === request.type) return undefined;
  return {
    code: 'OtherTypeOpen',
    message: `A request for a ${request.type} membership of the same member is open: let it end, or withdraw it, first.`,
    field: 'type',
    accepted: request.type,
  };
}

function refusedReview(input: unknown, { view }: Record): Refusal | undefined {
  const parsed = parseReview(input);
  if (isRefusal(parsed)) return parsed;
  if (parties(view.request).includes(parsed.actor.principal)) return OWN_REQUEST;
  return notOpen(view.state);
}

function refusedWithdrawal(input: unknown, { view }: Record): Refusal | undefined {
  const parsed = parseWithdraw(input);
  if (isRefusal(parsed)) return parsed;
  const { requestedBy, memberArn } = view.request;
  if (![requestedBy, memberArn].includes(parsed.actor.principal)) return NOT_YOURS;
  return view.state === 'evaluating' ? undefined : notOpen(view.state);
}

function notOpen(state: string): Refusal | undefined {
  if (state === 'pending') return undefined;
  if (state === 'evaluating') return { code: 'NotPending', message: 'The request is still being evaluated.' };
  return { code: 'AlreadyResolved', message: 'The request is resolved, and that is final.' };
}

const OWN_REQUEST: Refusal = {
  code: 'OwnRequest',
  message: 'Nobody reviews a request of their own: requester, member and bearer are excluded.',
  field: 'actor.principal',
};

const NOT_YOURS: Refusal = {
  code: 'NotYours',
  message: 'Only the requester or the member may withdraw a request.',
  field: 'actor.principal',
};
