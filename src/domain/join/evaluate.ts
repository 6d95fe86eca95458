/** Begins evaluations: what the policies are asked about, and why. */
import { reassignedIn } from '../approval/counting.ts';
import type { Panel } from '../approval/panel.ts';
import { inOffice } from '../facts.ts';
import { extensionSubject } from '../subject.ts';
import { commonOf } from './end.ts';
import type { AdmitCall, Asker, Evaluation, Why } from './evaluation.ts';
import { isoOf } from './notes.ts';
import { extensionOf, panelOf } from './project.ts';
import type { Active, AskedExtension, Common, Evaluating, Open, Waits } from './state.ts';

/** A request of which nothing is known yet but that it was made. */
export function born(common: Common, asker: Asker, now: number): Evaluating {
  const state = evaluating(common, { kind: 'first' }, now, { asker });
  // Of a child, the onboarding is asked: a local activity would hold a place that the answer may need.
  if (!asker.isChild) return state;
  return { ...state, evaluation: { ...state.evaluation, step: { at: 'admit', lane: 'patient' } } };
}

export function evaluating(common: Common | Open, why: Why, now: number, about: Partial<AdmitCall> = {}): Evaluating {
  const { common: state, evaluation } = begun(commonOf(common), why, { ...callOf(common, now), ...about });
  return { ...state, state: 'evaluating', evaluation };
}

/** The request waits on as it does, until the policies have answered. */
export function askAgain(state: Waits, why: Why, now: number, about: Partial<AdmitCall> = {}): Waits {
  const { common, evaluation } = begun(state, why, { ...callOf(state, now), ...about });
  return { ...common, evaluation };
}

/** The same about a longer term. */
export function askAboutExtension(state: Active, asked: AskedExtension, why: Why, now: number): Active {
  const { request } = state;
  const longer = { ...request, term: `${Math.ceil(asked.ms / 1_000)}s` };
  const subject = extensionSubject(request, asked);
  const extension = { askedBy: asked.by, subject, termDecided: isTermDecided(state) };
  const call: AdmitCall = { ...callOf(state, now), request: longer, purpose: 'extend', extension };
  const { common, evaluation } = begun(state, why, call);
  return { ...common, task: { kind: 'evaluate', evaluation } };
}

/** The clock that timers go by: a deferral that is over must be over for the policies, too. */
export function asOf(evaluation: Evaluation, now: number): Evaluation {
  return { ...evaluation, call: { ...evaluation.call, now: isoOf(now) } };
}

function callOf(state: Common | Open, now: number): AdmitCall {
  const { request, requestedAt, answers, id } = state;
  const open = 'state' in state ? state : undefined;
  const panel = open?.state === 'active' ? extensionOf(open)?.approval.panel : open ? panelOf(open) : state.earlier;
  const reassigned = panel ? reassignedIn(panel) : [];
  const asked = {
    request,
    purpose: 'join',
    requestedAt,
    answers,
    workflowId: id,
    now: isoOf(now),
    reassigned,
  } as const;
  return { ...asked, asker: null };
}

function begun<S extends Common>(state: S, why: Why, call: AdmitCall): { common: S; evaluation: Evaluation } {
  const n = state.memory.evaluations + 1;
  const memory = { ...state.memory, evaluations: n };
  return { common: { ...state, memory }, evaluation: { n, why, call, step: { at: 'admit', lane: 'quick' } } };
}

/** People approved how long it lasts, or somebody with a role on the channel set it: others must agree to more. */
export function isTermDecided({ term, override, earlier, judged }: Active): boolean {
  const isSet = inOffice(judged.facts['requester.role']?.value);
  return term.decided === true || override !== undefined || isApproved(earlier) || isSet;
}

export function isApproved(panel: Panel | undefined): boolean {
  return panel?.reviews.some(({ decision }) => decision === 'approve') === true;
}
