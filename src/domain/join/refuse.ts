/** Which commands count when: what is refused at once, what waits for its turn, and what has to be verified. */
import { approversOf } from '../approval/views.ts';
import { refusedUnread, reviewRank } from '../approval/review.ts';
import type { CommandCall, Unchecked } from '../checked.ts';
import type { CommandOf, ActorCommandName } from '../commands.ts';
import { answersLimit } from '../input-schema.ts';
import type { Refusal } from '../refusal.ts';
import { parties } from '../request.ts';
import type { Approvers } from '../requirement.ts';
import { subjectOf } from '../subject.ts';
import { approvalOf, isKnownReview, isWaiting, type Command } from './commands.ts';
import { evaluationOf } from './end.ts';
import { viewOf } from './project.ts';
import type { Active, Open, State, Waits } from './state.ts';

/** Why a command may not be given now, as far as the state tells; the rest is found when it is verified. */
export function refuse(state: State, given: Command): Refusal | undefined {
  if (state.state === 'closed' || state.state === 'closing') return RESOLVED;
  switch (given.name) {
    case 'review':
      return ofParty(state, given.command) ?? (isAsked(state) ? unread(state, given.command) : notPending(state));
    case 'reassign':
      return ofParty(state, given.command) ?? (isAsked(state) ? undefined : notPending(state));
    case 'withdraw':
      return notYours(state, given.command) ?? withdrawable(state);
    case 'amend':
      if (given.command.actor.principal !== state.request.requestedBy) return NOT_THE_REQUESTER;
      return isWaiting(state) ? undefined : notPending(state);
    case 'submitInput':
      return notYours(state, given.command) ?? refusedInput(state, given.command);
    case 'override':
      return ofParty(state, given.command) ?? (isWaiting(state) ? undefined : notPending(state));
    case 'reevaluate':
      return isWaiting(state) ? undefined : notPending(state);
    case 'retry':
    case 'abandon':
      return state.state === 'incident' ? undefined : NO_INCIDENT;
    case 'extend':
      return notActive(state) ?? extending(state);
    case 'revoke':
      return notActive(state);
    case 'look':
      return state.state === 'active' ? undefined : RESOLVED;
  }
}

/**
 * 0 goes first: whoever ends a request; then whoever asks about a membership, then whoever takes an approval back. While
 * something is read or asked, only an ending is heard, and all else waits.
 */
export function rank(state: State, { name, ...given }: Command): number | undefined {
  if (name === 'withdraw' || name === 'revoke') return 0;
  if (isBusy(state)) return undefined;
  if (name === 'look') return 1;
  if (name !== 'review') return 3;
  const { decision } = (given as { command: Unchecked<CommandOf<'review'>> }).command;
  const order = reviewRank(decision);
  return order === 0 ? 0 : order + 1;
}

/** Whether something of which the result counts is under way, and can be dropped. */
function isBusy(state: State): boolean {
  if (state.state === 'closed' || state.state === 'closing') return false;
  const approval = approvalOf(state);
  const isLooking = state.state === 'active' && (state.task !== undefined || state.looks.length > 0);
  return evaluationOf(state) !== undefined || approval?.pending !== undefined || isLooking;
}

/** `undefined`: nobody has to answer for it. */
export function callOf(state: State, given: Command): CommandCall | undefined {
  if (given.name === 'look' || given.name === 'reevaluate' || state.state === 'closed') return undefined;
  if (state.state === 'closing') return undefined;
  const { name, command } = given;
  const { actor: _actor, ...payload } = command;
  const view = viewOf(state);
  const { id: workflowId, requestedAt, request } = state;
  const about = { workflowId, requestedAt, subject: subjectOf(name, payload, view) };
  const approvers = name === 'review' || name === 'reassign' ? approversIn(state) : [];
  const standing = PROVED.has(name) ? null : { request, approvers: name === 'reassign' ? [] : approvers };
  switch (name) {
    case 'amend':
      return { ...about, standing, amend: request };
    case 'submitInput': {
      const asked = view.inputs.find(({ binding }) => binding === command.binding);
      return { ...about, standing, ...(asked ? { inputSchema: asked.schema } : {}) };
    }
    case 'reassign': {
      const by = view.extension ? { askedBy: view.extension.by } : {};
      return { ...about, standing, admin: true, roster: { approvers, ...by } };
    }
    case 'override':
    case 'retry':
    case 'abandon':
      return { ...about, standing, admin: true };
    case 'review':
    case 'withdraw':
    case 'extend':
    case 'revoke':
      return { ...about, standing };
  }
}

/** Whoever gives one of these is known by name: what they hold does not matter. */
const PROVED: ReadonlySet<ActorCommandName> = new Set(['withdraw', 'amend', 'submitInput']);

function approversIn(state: Open): readonly Approvers[] {
  const approval = approvalOf(state);
  return approval ? approversOf(approval.panel) : [];
}

/** Whether people are asked: for the membership, or for a longer one. */
function isAsked(state: Open): boolean {
  return approvalOf(state) !== undefined;
}

function unread(state: Open, command: Unchecked<CommandOf<'review'>>): Refusal | undefined {
  const approval = approvalOf(state);
  return approval && refusedUnread(approval.panel, command, isKnownReview(state, command));
}

function notActive(state: Open): Refusal | undefined {
  if (state.state === 'removing') return ENDING;
  return state.state === 'active' ? undefined : NOT_ACTIVE;
}

function extending(state: Open): Refusal | undefined {
  return (state as Active).extension && EXTENSION_OPEN;
}

function withdrawable(state: Open): Refusal | undefined {
  if (state.state === 'active' || state.state === 'removing') return JOINED;
  const isHeld = state.state === 'incident' && state.during === 'grant';
  // Until the call is begun it can be taken back.
  const isAboutToGrant = state.state === 'granting' && state.step.at === 'call' && state.startedAt === undefined;
  if (state.state === 'evaluating' || isWaiting(state) || isHeld || isAboutToGrant) return undefined;
  return notPending(state);
}

function refusedInput(state: Open, { binding, answers }: Unchecked<CommandOf<'submitInput'>>): Refusal | undefined {
  if (!isWaiting(state)) return notPending(state);
  const inputs = state.state === 'waitingForInput' ? state.inputs : [];
  const asked = inputs.find((input) => input.binding === binding);
  if (!asked) {
    const accepted = inputs.map((input) => input.binding).join(', ') || 'nothing is asked now';
    return { code: 'NoInputAsked', message: `${binding} asks nothing now.`, field: 'binding', accepted };
  }
  const issue = answersLimit(answers);
  if (!issue) return undefined;
  const accepted = JSON.stringify(asked.schema).slice(0, 2_000);
  return { code: 'InvalidInput', message: `${issue.field}: ${issue.message}`, field: issue.field, accepted };
}

/** Whoever asks for a longer term is a party of that. */
function ofParty(state: Open, { actor: { principal } }: { actor: { principal: string } }): Refusal | undefined {
  if (state.state === 'active' && state.extension?.by === principal) return OWN_EXTENSION;
  return parties(state.request).includes(principal) ? OWN_REQUEST : undefined;
}

function notYours({ request }: Open, { actor }: { actor: { principal: string } }): Refusal | undefined {
  return [request.requestedBy, request.memberArn].includes(actor.principal) ? undefined : NOT_YOURS;
}

function notPending(state: Open): Refusal {
  if (state.state === 'evaluating') return { code: 'NotPending', message: 'The request is still being evaluated.' };
  return isWaiting(state) ? waitsForOthers(state) : RESOLVED;
}

function waitsForOthers(state: Waits): Refusal {
  const waits = {
    waitingForInput: 'answers of the requester',
    waitingForTime: state.state === 'waitingForTime' ? state.until : '',
    waitingForPeople: 'people',
  }[state.state];
  return { code: 'NotPending', message: `The request waits for ${waits}; people are not asked yet.` };
}

export const RESOLVED: Refusal = { code: 'AlreadyResolved', message: 'The request is resolved, and that is final.' };

const OWN_REQUEST: Refusal = {
  code: 'OwnRequest',
  message: 'You cannot decide your own request: requester, member and bearer are excluded.',
  field: 'actor.principal',
};

const OWN_EXTENSION: Refusal = {
  ...OWN_REQUEST,
  message: 'You cannot decide your own request: you asked for the longer term.',
};

const NOT_YOURS: Refusal = {
  code: 'NotYours',
  message: 'Only the requester or the member may do this.',
  field: 'actor.principal',
};

const NOT_THE_REQUESTER: Refusal = { ...NOT_YOURS, message: 'Only the requester may amend a request.' };

const NO_INCIDENT: Refusal = { code: 'NoIncident', message: 'The request has no incident: there is nothing to fix.' };

const JOINED: Refusal = {
  code: 'AlreadyResolved',
  message: 'The member has joined: there is nothing to withdraw any more. To end the membership, revoke it.',
};

const EXTENSION_OPEN: Refusal = {
  code: 'ExtensionOpen',
  message: 'A longer term is being reviewed already: it has to be decided first.',
};

const ENDING: Refusal = { code: 'NotActive', message: 'The membership is being removed already.' };

const NOT_ACTIVE: Refusal = {
  code: 'NotActive',
  message: 'There is no membership with a term here: only those can be extended or revoked.',
};
