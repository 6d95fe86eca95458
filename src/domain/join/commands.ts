/** Does what a verified command asks for. What is refused here leaves everything as it was, but for a proof that is used up. */
import { canReassign } from '../approval/views.ts';
import { reviewEvent, reviewRefusal } from '../approval/review.ts';
import { REPLAYED, useAssertion, type Checked as CheckedOf, type Unchecked } from '../checked.ts';
import type { ActorCommandName, CommandName, CommandOf } from '../commands.ts';
import { durationMs, MAX_DURATION_MS } from '../duration.ts';
import type { CommandId } from '../engine.ts';
import type { Refusal } from '../refusal.ts';
import { mayNotEnd } from '../revocation.ts';
import type { Deed } from '../view.ts';
import { closed, remove, withdraw } from './end.ts';
import { askAgain, evaluating } from './evaluate.ts';
import { lookFirst, offerToExtension } from './extension.ts';
import { lastApprover, offerTo, overridden } from './lifecycle.ts';
import { answered, isoOf, tell, andThen, withNote, type JoinStep } from './notes.ts';
import { disclosedResult, resultOf, viewOf } from './project.ts';
import { knowsReview } from './reply.ts';
import type { Active, Incident, Open, State, Waits } from './state.ts';

/** A command of a request as the guard let it in; `look`, whether the member is still there, is the engine's own. */
export type Command =
  | { readonly [N in CommandName]: { readonly name: N; readonly command: Unchecked<CommandOf<N>> } }[CommandName]
  | { readonly name: 'look' };

/** The same, read in full. */
type ReadCommand =
  | { readonly [N in CommandName]: { readonly name: N; readonly command: CommandOf<N> } }[CommandName]
  | { readonly name: 'look' };

/** What the verification of a command found; nothing where nobody has to answer for it. */
export type Checked = Partial<CheckedOf<CommandOf<ActorCommandName>>>;

interface Given {
  readonly id: CommandId;
  readonly checked: Checked;
  readonly now: number;
}

export function obey(state: State, command: Command, about: Given): JoinStep {
  if (state.state === 'closed' || state.state === 'closing') return { state };
  const { id, checked, now } = about;
  const { used: usedAssertions, wasUsed } = useAssertion(state.memory.usedAssertions, checked.assertion, now);
  const known = { ...state, memory: { ...state.memory, usedAssertions } };
  const isRepeated = command.name === 'review' && isKnownReview(state, command.command);
  if (wasUsed && !isRepeated) return answered({ state: known }, id, REPLAYED);
  if (checked.refusal) return answered({ state: known }, id, checked.refusal);
  return act(known, readFrom(command, checked), about) ?? { state: known };
}

function readFrom(given: Command, { command }: Checked): ReadCommand {
  // The guard has read these in full.
  if (given.name === 'look' || given.name === 'reevaluate') return given;
  return { name: given.name, command } as ReadCommand;
}

function act(state: Open, given: ReadCommand, about: Given): JoinStep | undefined {
  const { id, now } = about;
  switch (given.name) {
    case 'review':
      return review(state, given.command, about);
    case 'reassign':
      return reassign(state, given.command, about);
    case 'withdraw': {
      const answer = { ...disclosedResult(viewOf(state)), state: 'closed', outcome: 'withdrawn' } as const;
      return answered(withdraw(state, now), id, answer);
    }
    case 'amend':
    case 'submitInput':
    case 'override':
    case 'reevaluate':
      return isWaiting(state) ? ask(state, given, about) : undefined;
    case 'retry':
    case 'abandon':
      return state.state === 'incident' ? operate(state, given, about) : undefined;
    case 'extend':
      return state.state === 'active' ? extend(state, given.command, about) : undefined;
    case 'revoke':
      return state.state === 'active' ? revoke(state, given.command, about) : undefined;
    case 'look':
      return state.state === 'active' ? { state: { ...state, looks: [...state.looks, id] } } : undefined;
  }
}

/** Whether it waits for people, the requester or a time. */
export function isWaiting(state: State): state is Waits {
  return state.state === 'waitingForInput' || state.state === 'waitingForTime' || state.state === 'waitingForPeople';
}

export function isKnownReview(state: Open, { actor, reviewId }: Unchecked<CommandOf<'review'>>): boolean {
  return knowsReview(state.memory, actor.principal, reviewId);
}

function stampOf({ actor }: { actor: { principal: string } }, { checked, now }: Given): Deed {
  return { by: actor.principal, at: isoOf(now), verified: checked.verified === true };
}

/** Of the join, or, while a membership lasts, of its longer term. */
export function approvalOf(state: State) {
  if (state.state === 'waitingForPeople') return state.approval;
  return state.state === 'active' ? state.extension?.approval : undefined;
}

function review(state: Open, command: CommandOf<'review'>, about: Given): JoinStep {
  const { id, checked, now } = about;
  const approval = approvalOf(state);
  if (!approval) return answered({ state }, id, NOBODY_ASKED);
  const person = checkedPerson(checked);
  const refusal = reviewRefusal(approval.panel, command, person, isKnownReview(state, command));
  // It was given before: it counts once, and giving it again is harmless.
  if (refusal) return answered({ state }, id, refusal === 'repeated' ? resultOf(viewOf(state)) : refusal);
  const event = reviewEvent(approval.panel, command, person, now);
  const caller = { replyTo: id, by: stampOf(command, about) };
  if (state.state === 'waitingForPeople') return offerTo(state, event, now, caller);
  return state.state === 'active' ? offerToExtension(state, event, now, caller) : { state };
}

function checkedPerson({ verified = false, roles = [], matched = [] }: Checked) {
  return { verified, roles, matched };
}

/** Names others for the open stage of a requirement. */
function reassign(state: Open, command: CommandOf<'reassign'>, about: Given): JoinStep {
  const { id, checked, now } = about;
  const { binding, to, reason } = command;
  const approval = approvalOf(state);
  if (!approval) return answered({ state }, id, REASSIGN.notOpen);
  const people = checked.roster ?? [];
  const may = canReassign(approval.panel, binding, to, people);
  if (may !== 'ok') return answered({ state }, id, REASSIGN[may]);
  const event = { kind: 'reassign', at: now, binding, to, people } as const;
  const caller = { replyTo: id, by: stampOf(command, about), reason };
  if (state.state === 'waitingForPeople') return offerTo(state, event, now, caller);
  return state.state === 'active' ? offerToExtension(state, event, now, caller) : { state };
}

/** Whatever makes the policies be asked again, or stands above them. */
function ask(
  state: Waits,
  given: Extract<ReadCommand, { name: 'amend' | 'submitInput' | 'override' | 'reevaluate' }>,
  about: Given,
): JoinStep {
  const { id, checked, now } = about;
  switch (given.name) {
    case 'amend': {
      const { amended: request } = checked;
      if (!request) return { state };
      const fields = Object.keys(given.command.changes);
      const why = { kind: 'amend', replyTo: id, stamp: stampOf(given.command, about), request, fields } as const;
      return { state: askAgain(state, why, now, { request }) };
    }
    case 'submitInput': {
      const { binding } = given.command;
      const isAsked = state.state === 'waitingForInput' && state.inputs.some((input) => input.binding === binding);
      if (!isAsked) return answered({ state }, id, NOTHING_ASKED);
      const mine = { ...stampOf(given.command, about), binding, answers: given.command.answers };
      const answers = [...state.answers.filter((one) => one.binding !== binding), mine];
      return { state: askAgain(state, { kind: 'input', replyTo: id, answers }, now, { answers }) };
    }
    case 'override':
      return override(state, given.command, about);
    case 'reevaluate': {
      const { policyDigest, changed } = given.command;
      if (!changed && policyDigest === state.judged.policyDigest) {
        return answered({ state }, id, disclosedResult(viewOf(state)));
      }
      // What is remembered of the channel may be from before the change.
      return { state: askAgain(state, { kind: 'reevaluate', replyTo: id }, now, changed ? { fresh: true } : {}) };
    }
  }
}

/** Break-glass: an admin lets somebody in whom nobody decided on. What the policies said stays on record. */
function override(state: Waits, command: CommandOf<'override'>, about: Given): JoinStep {
  const { id, now } = about;
  const { reason, ticket } = command;
  const stamp = stampOf(command, about);
  const noted = withNote(
    { ...state, override: { ...stamp, reason, ticket } },
    { ...stamp, what: `overrode (ticket ${ticket})`, reason },
  );
  const told = tell({ state: noted }, 'overridden', now, { message: `${reason} (${ticket})` });
  const answer = { ...resultOf(viewOf(told.state)), state: 'granting' } as const;
  return andThen(answered(told, id, answer), (next) =>
    isWaiting(next) ? overridden(next, stamp.by, now) : { state: next },
  );
}

/** An operator has it tried again, or gives up. */
function operate(
  state: Incident,
  { name, command }: Extract<ReadCommand, { name: 'retry' | 'abandon' }>,
  about: Given,
): JoinStep {
  const { id, now } = about;
  const what = name === 'retry' ? 'had it tried again' : 'gave up';
  const noted = withNote(state, { ...stampOf(command, about), what, reason: command.reason });
  const answer = resultOf(viewOf(noted));
  if (name === 'abandon') {
    const step = closed(noted, { outcome: 'failed', error: state.error }, now);
    return answered(step, id, { ...answer, state: 'closed', outcome: 'failed' });
  }
  const isRemoval = state.during === 'removal';
  return answered(retried(noted, now), id, { ...answer, state: isRemoval ? 'active' : 'granting' });
}

function retried(state: Incident, now: number): JoinStep {
  if (state.during === 'grant') {
    // Whatever failed, the policies have the last word before the call: until then it can be withdrawn.
    const completedBy = lastApprover(state);
    return { state: evaluating(state, { kind: 'again', ...(completedBy === undefined ? {} : { completedBy }) }, now) };
  }
  const { at: _at, error: _error, dueAt: _dueAt, during: _during, reason, extension, ...rest } = state;
  const active: Active = { ...rest, state: 'active', looks: [], ...(extension ? { extension } : {}) };
  // Without a reason to end it something else had failed, and the membership goes on.
  return reason ? remove(active, reason) : { state: active };
}

/** Asks for a longer term, through the same policies as the membership itself; people may have to agree. */
function extend(state: Active, command: CommandOf<'extend'>, about: Given): JoinStep {
  const { id, checked } = about;
  const { request, term } = state;
  const holdsRole = (checked.roles ?? []).length > 0;
  const own = [request.requestedBy, request.memberArn].includes(command.actor.principal);
  if (!own && !holdsRole) return answered({ state }, id, NOT_YOURS);
  const ms = Date.parse(term.endsAt) - Date.parse(term.startedAt) + durationMs(command.by);
  if (ms > MAX_DURATION_MS) return answered({ state }, id, TOO_LONG);
  const { reason } = command;
  const asked = { ...stampOf(command, about), ms, ...(reason === undefined ? {} : { reason }) };
  return lookFirst(state, { what: 'extend', replyTo: id, asked, holdsRole });
}

/** Ends a membership before its time: by whoever has it, or whoever holds a role on the channel. */
function revoke(state: Active, command: CommandOf<'revoke'>, about: Given): JoinStep {
  const { id, checked } = about;
  const { actor, reason } = command;
  const refusal = mayNotEnd(actor.principal, state.request, checked.roles ?? []);
  if (refusal) return answered({ state }, id, refusal);
  const noted = withNote(state, { ...stampOf(command, about), what: 'revoked', reason });
  const message = `Revoked: ${reason}${/[.!?]$/.test(reason) ? '' : '.'}`;
  const step = remove(noted, { code: 'REVOKED', message, binding: 'host', visibility: 'full' });
  return answered(step, id, disclosedResult(viewOf(noted)));
}

const NOBODY_ASKED: Refusal = { code: 'NotPending', message: 'Nobody is asked to review this request.' };

const NOTHING_ASKED: Refusal = { code: 'NoInputAsked', message: 'It asks nothing any more.', field: 'binding' };

const REASSIGN: Record<'unknownRequirement' | 'notOpen' | 'nobody', Refusal> = {
  unknownRequirement: {
    code: 'UnknownRequirement',
    message: 'No requirement comes from this binding.',
    field: 'binding',
  },
  notOpen: { code: 'NotPending', message: 'Nobody is asked by this binding now.', field: 'binding' },
  nobody: { code: 'NotAnApprover', message: 'Of these people, too few could review.', field: 'to' },
};

const TOO_LONG: Refusal = {
  code: 'InvalidCommand',
  message: 'The whole term would be longer than ten years.',
  field: 'by',
  accepted: 'a term of at most 3650d from its start',
};

const NOT_YOURS: Refusal = {
  code: 'NotYours',
  message: 'Only the requester, the member, a moderator or an admin may ask for a longer term.',
  field: 'actor.principal',
};
