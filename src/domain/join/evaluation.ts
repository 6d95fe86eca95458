/**
 * One evaluation of the policies, from reading the facts to the conclusion. It takes up to four steps, each an effect of its
 * own: first a quick local activity, which is enough for most requests; then patient ones. It is a plain value, so that a
 * command that waits for it (`why.replyTo`) survives in the state.
 */
import type { Actor, Proof } from '../actor.ts';
import type { Decision, DefaultVerdict } from '../admission.ts';
import type { Conclusion, Purpose } from '../conclusion.ts';
import type { CommandId, EffectBase } from '../engine.ts';
import type { ExternalCall } from '../external-call.ts';
import type { Facts } from '../facts.ts';
import type { JoinRequest } from '../request.ts';
import type { ListedAs } from '../search-attributes.ts';
import type { Settings } from '../settings.ts';
import type { Answers, Deed, RequestError } from '../view.ts';
import type { AskedExtension } from './state.ts';

export interface AdmitCall {
  readonly request: JoinRequest;
  readonly purpose: Purpose;
  /** Who asks for a longer term, what people would review andThen, and whether they have to. */
  readonly extension?: { readonly askedBy: string; readonly subject: unknown; readonly termDecided: boolean };
  /** ISO 8601. */
  readonly requestedAt: string;
  readonly answers: readonly Answers[];
  readonly workflowId: string;
  /** `null`: it is known who asks, since it was asked before. */
  readonly asker: Asker | null;
  /** The workflow's own time, ISO 8601: the policies see no earlier one, so that what is due then is due for them too. */
  readonly now?: string;
  /** Bindings for whose requirements an operator named other people. */
  readonly reassigned?: readonly string[];
  /** Something is known to have changed: nothing that is remembered is used. */
  readonly fresh?: boolean;
  /** This request is listed by now, or will be at once: other requests are read only when they can be seen. */
  readonly isListed?: boolean;
}

/** The actor of the join command, if one was given. `isChild`: another workflow asks, which may be an onboarding of ours. */
export interface Asker {
  readonly actor?: Actor;
  readonly isChild?: boolean;
  /** The first run of the workflow that asks: it alone may use the proof. */
  readonly firstRunId?: string;
}

/** The record of one admission, as it stands in the history. */
export interface Admission {
  readonly decisions: readonly Decision[];
  readonly facts: Facts;
  readonly policyDigest: string;
  readonly defaultVerdict: DefaultVerdict;
  /** Policies that do I/O of their own are still to be asked; then there is no conclusion yet. */
  readonly external: readonly ExternalCall[];
  readonly conclusion?: Conclusion;
  readonly serviceBearer: string;
  readonly settings: Settings;
  /** SHA-256 of the request's canonical JSON, and of what people would review: that, or a longer term. */
  readonly requestDigest: string;
  readonly reviewDigest: string;
  /** What Temporal's lists may say of its people. */
  readonly listedAs: ListedAs;
  /** Who asks was proved or trusted; none where it was known. */
  readonly proof?: Proof;
}

/** An admission that has been concluded. */
export type Concluded = Admission & { readonly conclusion: Conclusion };

/** Why the policies are asked, and what is recorded once they have answered. */
export type Why =
  | { readonly kind: 'first' }
  | { readonly kind: 'deferral' }
  /** Once more before the call: what they said is too old, or an operator had it tried again. */
  | { readonly kind: 'again'; readonly completedBy?: string }
  | {
      readonly kind: 'amend';
      readonly replyTo: CommandId;
      readonly stamp: Deed;
      readonly request: JoinRequest;
      readonly fields: readonly string[];
    }
  | { readonly kind: 'input'; readonly replyTo: CommandId; readonly answers: readonly Answers[] }
  | { readonly kind: 'reevaluate'; readonly replyTo: CommandId }
  | {
      readonly kind: 'extend';
      readonly replyTo: CommandId;
      readonly asked: AskedExtension;
      readonly holdsRole: boolean;
    }
  /** People approved a longer term, and what the policies said of it is too old. */
  | { readonly kind: 'extendAgain' };

export interface Evaluation {
  /** Counted through the whole life: it tells effects of one evaluation from those of another. */
  readonly n: number;
  readonly why: Why;
  readonly call: AdmitCall;
  readonly step: EvaluationStep;
}

export type EvaluationStep =
  | { readonly at: 'admit'; readonly lane: 'quick' | 'patient' }
  /** Of two requests in the same moment, neither would see the other before both are listed. */
  | { readonly at: 'listed'; readonly proof?: Proof }
  | { readonly at: 'external'; readonly admission: Admission }
  | { readonly at: 'conclude'; readonly admission: Admission };

export type EvaluationEffect =
  | (EffectBase & { readonly do: 'admit'; readonly call: AdmitCall; readonly summary: string })
  | (EffectBase & { readonly do: 'askExternal'; readonly admission: Admission; readonly call: AdmitCall })
  | (EffectBase & { readonly do: 'conclude'; readonly admission: Admission; readonly call: AdmitCall });

export interface EvaluationValues {
  readonly admit: Admission;
  readonly askExternal: readonly Decision[];
  readonly conclude: Conclusion;
}

const SUMMARY = 'Read the facts and ask every policy';

/** What the evaluation needs next. */
export function evaluationEffect({ n, step, call }: Evaluation): EvaluationEffect {
  const key = `evaluate:${n}:${step.at}`;
  const patient = { lane: 'patient', stop: 'drop' } as const;
  switch (step.at) {
    case 'admit': {
      const { lane } = step;
      const summary = lane === 'quick' ? SUMMARY : `${SUMMARY}, as long as it takes`;
      return { do: 'admit', key: `${key}:${lane}`, lane, stop: 'drop', call, summary };
    }
    case 'listed': {
      const again = { ...call, asker: null, isListed: true };
      return {
        do: 'admit',
        key,
        ...patient,
        call: again,
        summary: 'See other requests, and ask every policy once more',
      };
    }
    case 'external':
      return { do: 'askExternal', key, ...patient, admission: step.admission, call };
    case 'conclude':
      return { do: 'conclude', key, ...patient, admission: step.admission, call };
  }
}

/** `early`: lists have to show this request before its policies can see others. */
export type Evaluated =
  | { readonly kind: 'goesOn'; readonly evaluation: Evaluation; readonly early?: ListedAs }
  | { readonly kind: 'concluded'; readonly admission: Concluded }
  | { readonly kind: 'failed'; readonly error: RequestError };

type EvaluationResult = {
  readonly [D in EvaluationEffect['do']]: {
    readonly effect: Extract<EvaluationEffect, { readonly do: D }>;
    readonly value: EvaluationValues[D];
  };
}[EvaluationEffect['do']];

/** What comes of a step. */
export function evaluated(evaluation: Evaluation, { effect, value }: EvaluationResult): Evaluated {
  switch (effect.do) {
    case 'admit':
      return admitted(evaluation, value as Admission);
    case 'askExternal': {
      const decisions = [...effect.admission.decisions, ...(value as readonly Decision[])];
      return goesOn(evaluation, { at: 'conclude', admission: { ...effect.admission, decisions, external: [] } });
    }
    case 'conclude':
      return { kind: 'concluded', admission: { ...effect.admission, conclusion: value as Conclusion } };
  }
}

/** A quick look that failed in a way that may pass is taken patiently. */
export function evaluationFailed(evaluation: Evaluation, error: RequestError, retryable: boolean): Evaluated {
  const { step } = evaluation;
  const isQuick = step.at === 'admit' && step.lane === 'quick';
  return isQuick && retryable ? goesOn(evaluation, { at: 'admit', lane: 'patient' }) : { kind: 'failed', error };
}

function admitted(evaluation: Evaluation, found: Admission): Evaluated {
  const { step } = evaluation;
  if (step.at !== 'listed' && !seesOthers(found)) {
    const proof = found.proof ? { proof: found.proof } : {};
    return { kind: 'goesOn', evaluation: { ...evaluation, step: { at: 'listed', ...proof } }, early: found.listedAs };
  }
  const admission = step.at === 'listed' && step.proof ? { ...found, proof: step.proof } : found;
  if (isConcluded(admission)) return { kind: 'concluded', admission };
  return goesOn(evaluation, { at: 'external', admission });
}

function goesOn(evaluation: Evaluation, step: EvaluationStep): Evaluated {
  return { kind: 'goesOn', evaluation: { ...evaluation, step } };
}

/** Of two requests in the same moment, neither would see the other before both are listed. One that is denied anyway is in nobody's way. */
function seesOthers({ decisions, external, facts, conclusion }: Admission): boolean {
  if (conclusion?.composition.action === 'deny') return true;
  const reading = [...decisions.map((one) => one.facts ?? []), ...external.map((one) => one.facts)];
  return facts.history?.value.isListed !== false || !reading.some((names) => names.includes('history'));
}

function isConcluded(admission: Admission): admission is Concluded {
  return admission.conclusion !== undefined;
}
