import { answersLimit } from '../domain/input-schema.ts';
import type { Refusal } from '../domain/commands.ts';
import { parties } from '../domain/request.ts';
import type { RequestView } from '../domain/view.ts';
import type { Command } from './inbox.ts';

/**
 * Why a command may not be given now, as far as the state of the request tells; the rest is found when it is handled.
 * Validators ask this when a command comes, and the main loop again when its turn comes.
 */
export function refused(given: Command, view: RequestView): Refusal | undefined {
  switch (given.name) {
    case 'review':
      return ofParty(given.command.actor.principal, view) ?? (isAsked(view) ? undefined : notPending(view));
    case 'withdraw':
      return notYours(given.command.actor.principal, view) ?? withdrawable(view);
    case 'amend':
      if (given.command.actor.principal !== view.request.requestedBy) return NOT_THE_REQUESTER;
      return isPending(view) ? undefined : notPending(view);
    case 'submitInput':
      return notYours(given.command.actor.principal, view) ?? refusedInput(given.command, view);
    case 'override':
      return ofParty(given.command.actor.principal, view) ?? (isPending(view) ? undefined : notPending(view));
    case 'reassign':
      return ofParty(given.command.actor.principal, view) ?? (isAsked(view) ? undefined : notPending(view));
    case 'reevaluate':
      return isPending(view) ? undefined : notPending(view);
    case 'retry':
    case 'abandon':
      return view.state === 'incident' ? undefined : (closed(view) ?? NO_INCIDENT);
    case 'extend':
      return notActive(view) ?? extending(view);
    case 'revoke':
      return notActive(view);
  }
}

function isPending({ state }: RequestView): boolean {
  return state === 'pending';
}

/** Whether people are asked: for the membership, or for a longer one. */
function isAsked({ state, waitsFor, extension }: RequestView): boolean {
  return (state === 'pending' && waitsFor === 'people') || (state === 'active' && extension !== undefined);
}

function notActive(view: RequestView): Refusal | undefined {
  if (view.state !== 'active') return closed(view) ?? NOT_ACTIVE;
  return view.reason ? ENDING : undefined;
}

function extending({ extension }: RequestView): Refusal | undefined {
  return extension && EXTENSION_OPEN;
}

function withdrawable(view: RequestView): Refusal | undefined {
  if (view.state === 'active') return JOINED;
  const duringGrant = view.state === 'incident' && view.incident?.during === 'grant';
  return view.state === 'evaluating' || isPending(view) || duringGrant ? undefined : notPending(view);
}

function refusedInput(
  { binding, answers }: { binding: string; answers: unknown },
  view: RequestView,
): Refusal | undefined {
  if (!isPending(view)) return notPending(view);
  const asked = view.inputs.find((input) => input.binding === binding);
  if (!asked) {
    const accepted = view.inputs.map((input) => input.binding).join(', ') || 'nothing is asked now';
    return { code: 'NoInputAsked', message: `${binding} asks nothing now.`, field: 'binding', accepted };
  }
  const issue = answersLimit(answers);
  if (!issue) return undefined;
  const accepted = JSON.stringify(asked.schema).slice(0, 2_000);
  return { code: 'InvalidInput', message: `${issue.field}: ${issue.message}`, field: issue.field, accepted };
}

/** Who asks for a longer term is a party of that. */
function ofParty(principal: string, { request, extension }: RequestView): Refusal | undefined {
  if (extension?.by === principal) return OWN_EXTENSION;
  return parties(request).includes(principal) ? OWN_REQUEST : undefined;
}

function notYours(principal: string, { request }: RequestView): Refusal | undefined {
  return [request.requestedBy, request.memberArn].includes(principal) ? undefined : NOT_YOURS;
}

function notPending(view: RequestView): Refusal {
  if (view.state === 'evaluating') return { code: 'NotPending', message: 'The request is still being evaluated.' };
  if (view.state !== 'pending') return RESOLVED;
  const waits = view.waitsFor === 'input' ? 'answers of the requester' : (view.deferredUntil ?? 'people');
  return { code: 'NotPending', message: `The request waits for ${waits}; people are not asked yet.` };
}

function closed({ state }: RequestView): Refusal | undefined {
  return state === 'closed' ? RESOLVED : undefined;
}

export const RESOLVED: Refusal = { code: 'AlreadyResolved', message: 'The request is resolved, and that is final.' };

const OWN_REQUEST: Refusal = {
  code: 'OwnRequest',
  message: 'Nobody decides a request of their own: requester, member and bearer are excluded.',
  field: 'actor.principal',
};

const OWN_EXTENSION: Refusal = {
  ...OWN_REQUEST,
  message: 'Nobody decides a request of their own: you asked for the longer term.',
};

const NOT_YOURS: Refusal = {
  code: 'NotYours',
  message: 'Only the requester or the member may do this.',
  field: 'actor.principal',
};

const NOT_THE_REQUESTER: Refusal = { ...NOT_YOURS, message: 'Only the requester may amend a request.' };

const NO_INCIDENT: Refusal = { code: 'NoIncident', message: 'The request has no incident: there is nothing to mend.' };

const JOINED: Refusal = {
  code: 'AlreadyResolved',
  message: 'The member has joined: there is nothing to withdraw any more. To end the membership, revoke it.',
};

const EXTENSION_OPEN: Refusal = {
  code: 'ExtensionOpen',
  message: 'A longer term is being reviewed already: it has to be decided first.',
};

/** A membership that is there has a reason to end only while it is removed. */
const ENDING: Refusal = { code: 'NotActive', message: 'The membership is being removed already.' };

const NOT_ACTIVE: Refusal = {
  code: 'NotActive',
  message: 'There is no membership with a term here: only those can be extended or revoked.',
};
