import type { Decision } from '../../domain/admission.ts';
import { Verdict } from '../../schemas/verdict.ts';
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
  const { evaluation, message } = decision;
  if (evaluation === 'error') return new Error(message ?? 'as recorded');
  const because = evaluation === 'notApplicable' || evaluation === 'defer' ? { because: message } : { message };
  const fields = Object.entries({ ...decision, verdict: evaluation, ...because });
  const parsed = Verdict.safeParse(Object.fromEntries(fields.filter(([name]) => FIELDS[evaluation].includes(name))));
  return parsed.success ? parsed.data : new Error(`the answer was not recorded: ${parsed.error.message}`);
}

const COMMON = ['verdict', 'warnings', 'validFor', 'term'];

/** What a verdict has, besides what is explained to people. */
const FIELDS: Record<Verdict['verdict'], readonly string[]> = {
  allow: COMMON,
  deny: [...COMMON, 'code', 'message', 'field', 'visibility', 'retryAfter'],
  requireApproval: [...COMMON, 'requirement'],
  requireInput: [...COMMON, 'schema', 'prompt', 'expiresIn'],
  defer: [...COMMON, 'until', 'giveUpAfter', 'because'],
  notApplicable: [...COMMON, 'because'],
};
