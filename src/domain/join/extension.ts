/** A longer term: the same policies as for the membership itself, and perhaps people, who are asked while it lasts. */
import type { BoundRequirement } from '../admission.ts';
import { askAnew, offer, openApproval, resume, type Caller, type Moved, type Read } from '../approval/host.ts';
import type { Panel, PanelEvent } from '../approval/panel.ts';
import { peopleOf } from '../conclusion.ts';
import { inOffice, withoutPeople, type Facts } from '../facts.ts';
import type { Refusal } from '../refusal.ts';
import { parties } from '../request.ts';
import { toldDenial } from '../told.ts';
import { askAboutExtension, isApproved, isTermDecided } from './evaluate.ts';
import type { Concluded, Why } from './evaluation.ts';
import { endingAt } from './grant.ts';
import { contextOf, isFresh } from './lifecycle.ts';
import { answered, tell, andThen, withNote, type JoinStep } from './notes.ts';
import { disclosedResult, viewOf } from './project.ts';
import { reported } from './reply.ts';
import type { Active, AskedExtension, Extension, LookBefore } from './state.ts';

/** The policies have answered somebody who asks for more. */
export function extended(
  state: Active,
  admission: Concluded,
  { replyTo, asked, holdsRole: mayKnow }: Why & { kind: 'extend' },
  now: number,
): JoinStep {
  const known = withContext(state, admission, now);
  const { composition, facts } = admission.conclusion;
  const told = (step: JoinStep) => answered(step, replyTo, disclosedResult(viewOf(step.state)));
  if (composition.action === 'admit') return told(lengthen(known, asked, facts, now));
  if (composition.action !== 'pend') return answered({ state: known }, replyTo, denialOf(state, admission, asked.by));
  const step = askPeople(known, asked, admission, composition.requirements, now);
  return step ? told(step) : answered({ state: known }, replyTo, mayKnow ? TOO_FEW : NOT_EXTENDED);
}

/** The policies have answered after people had approved. */
export function extendedAgain(state: Active, admission: Concluded, now: number): JoinStep {
  const known = withContext(state, admission, now);
  const { extension } = known;
  if (!extension) return { state: known };
  const { composition, facts } = admission.conclusion;
  const found = { ...extension, ...foundBy(admission) };
  if (composition.action === 'admit') return lengthen(known, found, facts, now, found.approval.panel);
  if (composition.action !== 'pend') return dismiss(known, denialOf(state, admission, extension.by).message, now);
  const asked = askedOf(known, extension, admission, composition.requirements);
  const moved = askAnew(extension.approval.panel, { at: now, ...asked });
  return movedOn(known, { ...found, settled: true }, moved, now);
}

/** The policies could not be asked. */
export function extensionFailed(state: Active, why: Why, now: number): JoinStep {
  const { task: _task, ...known } = state;
  if (why.kind === 'extend') return answered({ state: known }, why.replyTo, UNAVAILABLE);
  return dismiss(known, UNAVAILABLE.message, now);
}

/** What is known of the membership now holds for its removal, too. */
function withContext({ task: _task, ...state }: Active, admission: Concluded, now: number): Active {
  return { ...state, judged: { ...state.judged, context: contextOf(admission, now) } };
}

/** `undefined`: too few people could approve. */
function askPeople(
  state: Active,
  asked: AskedExtension,
  admission: Concluded,
  requirements: readonly BoundRequirement[],
  now: number,
): JoinStep | undefined {
  // Nobody can agree to more once the membership is gone.
  const times = { at: now, dueAt: Date.parse(state.term.endsAt) };
  const { approval } = openApproval({ ...askedOf(state, asked, admission, requirements), ...times });
  const { panel } = approval;
  const { result } = panel.result;
  if (result === 'approved') return lengthen(state, asked, admission.conclusion.facts, now, panel);
  if (result !== 'open') return undefined;
  const extension: Extension = { ...asked, ...foundBy(admission), approval };
  return tell({ state: { ...state, extension } }, 'pending', now);
}

/** Whoever asks for more is a party of that, too. */
function askedOf(
  { request }: Active,
  { by }: AskedExtension,
  { conclusion: { facts }, reviewDigest: requestDigest }: Concluded,
  requirements: readonly BoundRequirement[],
) {
  const people = facts.approvers ? peopleOf(facts.approvers.value) : [];
  return { requirements, people, requestDigest, excluded: parties(request, by) };
}

/** What it was judged by, for people who want to know why. */
function foundBy({ decisions, conclusion: { facts, composition } }: Concluded) {
  return { decisions, facts: withoutPeople(facts), composition };
}

/** Takes an event of the approval into account. `caller`: whoever waits for the answer. */
export function offerToExtension(state: Active, event: PanelEvent, now: number, caller?: Caller): JoinStep {
  const { extension } = state;
  return extension ? movedOn(state, extension, offer(extension.approval, event, caller), now) : { state };
}

/** Goes on with what had to be read. */
export function extensionResumed(state: Active, read: Read, now: number): JoinStep {
  const { extension } = state;
  return extension ? movedOn(state, extension, resume(extension.approval, read), now) : { state };
}

function movedOn(state: Active, extension: Extension, moved: Moved, now: number): JoinStep {
  const step = reported({ ...state, extension: { ...extension, approval: moved.approval } }, moved, now);
  return andThen(step, (next) => (next.state === 'active' ? follow(next, moved, now) : { state: next }));
}

/** Does what people came to, if they did; first somebody has to look whether the member is still there. */
function follow(state: Active, moved: Moved, now: number): JoinStep {
  const { extension } = state;
  if (!extension || moved.kind === 'reading') return { state };
  if (moved.kind === 'open') {
    const { settled: _settled, ...open } = extension;
    return { state: { ...state, extension: open } };
  }
  if (moved.kind === 'failed') return dismiss(state, moved.error.message, now);
  const { result } = moved.resolution;
  if (result !== 'approved') return dismiss(state, result, now);
  if (extension.settled) return lengthen(state, extension, extension.facts, now, extension.approval.panel);
  return lookFirst(state, { what: 'settle' });
}

/** The member is there: where what was found is too old, the policies are asked again. */
export function settleApproved(state: Active, now: number): JoinStep {
  const { extension, judged } = state;
  if (!extension) return { state };
  if (isFresh(judged, now)) return lengthen(state, extension, extension.facts, now, extension.approval.panel);
  return { state: askAboutExtension(state, extension, { kind: 'extendAgain' }, now) };
}

export function lookFirst(state: Active, before: LookBefore): JoinStep {
  const n = state.memory.evaluations + 1;
  const memory = { ...state.memory, evaluations: n };
  return { state: { ...state, memory, task: { kind: 'look', n, before } } };
}

/** The term stays as it is. */
export function dismiss(state: Active, why: string, now: number): JoinStep {
  const { extension, ...rest } = state;
  if (!extension) return { state };
  const { by, at, verified, approval } = extension;
  const noted = withNote(rest, { by, at, verified, what: `asked for a longer term in vain: ${why}` });
  return tell({ state: noted }, 'notExtended', now, { panel: approval.panel, dueAt: state.term.endsAt });
}

/** `panel`: none where nobody had to agree. `found`: what it was judged by. */
function lengthen(state: Active, asked: AskedExtension, found: Facts, now: number, panel?: Panel): JoinStep {
  const { extension: _extension, term, ...rest } = state;
  const { by, at, verified, ms, reason } = asked;
  const ends = endingAt(Date.parse(term.startedAt) + ms, now, state.judged.context.term?.remindMs);
  const why = reason === undefined ? {} : { reason };
  const isDecided = isTermDecided(state) || isApproved(panel) || inOffice(found['requester.role']?.value);
  const longer = { ...term, ...ends, ...(isDecided ? { decided: true as const } : {}) };
  const noted = withNote(
    { ...rest, term: longer },
    { by, at, verified, what: `had the term end at ${ends.endsAt}`, ...why },
  );
  return tell({ state: noted }, 'extended', now, { dueAt: ends.endsAt, panel });
}

/** Why not, as whoever asks for more may hear it. */
function denialOf({ request }: Active, { decisions, conclusion }: Concluded, by: string): Refusal {
  const { composition, facts } = conclusion;
  if (composition.action !== 'deny') {
    return { code: 'Denied', message: 'The policies ask for something first that an extension cannot wait for.' };
  }
  const asked = { ...request, requestedBy: by };
  const { code, message, field } = toldDenial({ request: asked, decisions, facts, composition });
  if (code === 'NOT_ADMITTED') return NOT_EXTENDED;
  return { code: 'Denied', message: `${code}: ${message}`, ...(field === undefined ? {} : { field }) };
}

const UNAVAILABLE: Refusal = {
  code: 'Unavailable',
  message: 'The policies could not be asked; nothing was changed. Operators can see why.',
};
const NOT_EXTENDED: Refusal = { code: 'Denied', message: 'The term is not extended.' };
const TOO_FEW: Refusal = {
  code: 'Denied',
  message: 'NO_ELIGIBLE_APPROVER: Too few people could approve a longer term; who asks for it is not among them.',
};
