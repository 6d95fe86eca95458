import type { Decision } from '../../domain/admission.ts';
import type { Verdict } from '../../domain/verdict.ts';
import type { PolicyBinding } from '../binding.ts';

/** What external policies said when a request was decided; nobody is asked again. */
export interface RecordedAnswers {
  /** The recorded answer of the same policy under the same binding; `undefined` if it was not asked then. */
  take(binding: PolicyBinding): Verdict | Error | undefined;
  /** How many were taken. */
  readonly reused: number;
}

export function recordedAnswers(decisions: readonly Decision[]): RecordedAnswers {
  let reused = 0;
  return {
    get reused() {
      return reused;
    },
    take({ name, policy }) {
      const decision = decisions.find((one) => one.binding === name && one.policy === policy.id);
      if (!decision || !wasAsked(decision)) return undefined;
      reused += 1;
      return verdictOf(decision);
    },
  };
}

/** A binding whose condition did not hold has a decision too, but its policy said nothing. */
function wasAsked({ conditions = [] }: Decision): boolean {
  return conditions.every(({ value }) => value);
}

/** The verdict that a decision records, so that it can be weighed under another enforcement. */
function verdictOf(decision: Decision): Verdict | Error {
  const { evaluation, code = 'DENIED', message = 'as recorded', visibility = 'full', requirement } = decision;
  const field = decision.field === undefined ? {} : { field: decision.field };
  switch (evaluation) {
    case 'allow':
      return { verdict: 'allow' };
    case 'deny':
      return { verdict: 'deny', code, message, visibility, ...field };
    case 'requireApproval':
      return requirement ? { verdict: 'requireApproval', requirement } : new Error('the requirement was not recorded');
    case 'notApplicable':
      return { verdict: 'notApplicable', because: message };
    case 'error':
      return new Error(message);
  }
}
