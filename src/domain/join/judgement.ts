/** What an evaluation came to, for whoever waits for it: the request as it stands, a command, or a longer term. */
import type { Refusal } from '../refusal.ts';
import type { RequestError } from '../view.ts';
import { isWaiting } from './commands.ts';
import { evaluationOf, failed } from './end.ts';
import type { Concluded, Evaluated, Evaluation, Why } from './evaluation.ts';
import { extended, extendedAgain, extensionFailed } from './extension.ts';
import { admittedAgain, applyDecision } from './lifecycle.ts';
import { andThen, answered, tell, withNote, type JoinStep } from './notes.ts';
import { disclosedResult, viewOf } from './project.ts';
import type { Evaluating, Open, Waits } from './state.ts';

/** An evaluation went on, ended, or failed. */
export function progressed(state: Open, done: Evaluated, now: number): JoinStep {
  const evaluation = evaluationOf(state);
  if (!evaluation) return { state };
  switch (done.kind) {
    case 'goesOn': {
      const early = done.early ? { early: done.early } : {};
      return { state: { ...withEvaluation(state, done.evaluation), ...early } };
    }
    case 'concluded':
      return concluded(state, evaluation.why, done.admission, now);
    case 'failed':
      return unanswered(state, evaluation.why, done.error, now);
  }
}

function withEvaluation(state: Open, evaluation: Evaluation): Open {
  if (state.state === 'active') return { ...state, task: { kind: 'evaluate', evaluation } };
  return state.state === 'evaluating' || isWaiting(state) ? { ...state, evaluation } : state;
}

function concluded(state: Open, why: Why, admission: Concluded, now: number): JoinStep {
  if (state.state === 'active') {
    if (why.kind === 'extend') return extended(state, admission, why, now);
    return why.kind === 'extendAgain' ? extendedAgain(state, admission, now) : { state };
  }
  if (state.state !== 'evaluating' && !isWaiting(state)) return { state };
  switch (why.kind) {
    case 'first':
    case 'deferral':
      return applyDecision(state, admission, now);
    case 'again':
      return admittedAgain(state, admission, why.completedBy, now);
    case 'reevaluate':
      return andThen(answered({ state }, why.replyTo, disclosedResult(viewOf(state))), () =>
        applyDecision(state, admission, now),
      );
    case 'input': {
      const known = { ...state, answers: why.answers };
      return andThen(answered({ state }, why.replyTo, disclosedResult(viewOf(known))), () =>
        applyDecision(known, admission, now),
      );
    }
    case 'amend':
      return amended(state, why, admission, now);
    case 'extend':
    case 'extendAgain':
      return { state };
  }
}

/** The policies are asked again, and earlier reviews count no more. */
function amended(state: Evaluating | Waits, why: Why & { kind: 'amend' }, admission: Concluded, now: number): JoinStep {
  const { replyTo, stamp, request, fields } = why;
  const noted = withNote({ ...state, request }, { ...stamp, what: `amended ${fields.join(', ')}` });
  const step = answered(tell({ state: noted }, 'amended', now), replyTo, disclosedResult(viewOf(noted)));
  return andThen(step, (next) =>
    next.state === 'evaluating' || isWaiting(next) ? applyDecision(next, admission, now) : { state: next },
  );
}

/** Where a command asked for it, nothing changes, and whoever gave it may not know what was found. */
function unanswered(state: Open, why: Why, error: RequestError, now: number): JoinStep {
  if (state.state === 'active') return extensionFailed(state, why, now);
  if (!isWaiting(state)) return failed(state, error, now);
  const { evaluation: _evaluation, ...before } = state;
  const known = before as Waits;
  if (!('replyTo' in why)) return failed(known, error, now);
  const { type, message, field, accepted } = error;
  const issue = { ...(field === undefined ? {} : { field }), ...(accepted === undefined ? {} : { accepted }) };
  const refusal: Refusal = type === 'InvalidRequest' ? { code: 'InvalidRequest', message, ...issue } : UNAVAILABLE;
  return answered({ state: known }, why.replyTo, refusal);
}

const UNAVAILABLE: Refusal = {
  code: 'Unavailable',
  message: 'The policies could not be asked again; nothing was changed. Operators can see why.',
};
