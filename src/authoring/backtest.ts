import pLimit from 'p-limit';
import type { Decision } from '../domain/admission.ts';
import { cells } from '../domain/text.ts';
import type { RequestView } from '../domain/view.ts';
import type { PolicyBinding } from '../policies/binding.ts';
import { createPolicySet, type PolicySet } from '../policies/policy-set.ts';
import { answersByBinding } from '../policies/run-policy.ts';
import { Verdict } from '../schemas/verdict.ts';
import { decide, knownFacts } from './decide.ts';
import { blamed, differs, summaryOf, outcomeText, type OutcomeSummary } from './outcome-change.ts';

/** A request that the other set would have decided otherwise. */
interface Change {
  readonly id: string;
  readonly runId: string;
  readonly from: OutcomeSummary;
  readonly to: OutcomeSummary;
  /** The bindings, of either set, that make the difference; `host` where its own rules alone do. */
  readonly bindings: readonly string[];
}

/** A request of which nobody can say what the other set would have done, and why. */
interface Undecidable {
  readonly id: string;
  readonly runId: string;
  readonly because: string;
}

interface Backtest {
  readonly unchanged: number;
  readonly changed: readonly Change[];
  readonly undecidable: readonly Undecidable[];
  /** Requests that ended, or still wait, before any policy had decided. */
  readonly neverDecided: number;
  /** Answers of external policies that were taken from the record. */
  readonly reusedAnswers: number;
}

type Retried = { readonly reused: number } & (
  | { readonly result: 'unchanged' | 'neverDecided' }
  | { readonly result: 'changed'; readonly change: Change }
  | { readonly result: 'undecidable'; readonly undecidable: Undecidable }
);

const AT_ONCE = 20;

/** Decides recorded requests again, from their recorded facts alone: nobody is asked and nothing is read. */
export async function backtest(set: PolicySet, views: readonly RequestView[]): Promise<Backtest> {
  const enforced = onlyEnforced(set);
  const results = await pLimit(AT_ONCE).map(views, (view) => retry(enforced, view));
  const count = (result: Retried['result']) => results.filter((one) => one.result === result).length;
  return {
    unchanged: count('unchanged'),
    changed: results.flatMap((one) => (one.result === 'changed' ? [one.change] : [])),
    undecidable: results.flatMap((one) => (one.result === 'undecidable' ? [one.undecidable] : [])),
    neverDecided: count('neverDecided'),
    reusedAnswers: results.reduce((sum, { reused }) => sum + reused, 0),
  };
}

/** Warn and Audit change no outcome; what they lack must not make a request undecidable. */
function onlyEnforced({ bindings, defaultVerdict }: PolicySet): PolicySet {
  return createPolicySet(
    bindings.filter(({ enforcement }) => enforcement === 'Enforce'),
    defaultVerdict,
  );
}

async function retry(set: PolicySet, view: RequestView): Promise<Retried> {
  const { id, runId, request, facts, composition } = view;
  if (!composition) return { result: 'neverDecided', reused: 0 };
  const answers = recordedAnswers(view.decisions);
  const { missing, notAsked, conclusion, decisions, approversUnknown } = await decide(set, request, {
    readFacts: knownFacts(facts),
    now: evaluatedAt(view),
    purpose: 'join',
    requestedAt: new Date(view.requestedAt),
    answers: answersByBinding(view.answers),
    ask: async (binding) => answers.take(binding),
  });
  const { reused } = answers;
  const lacks = [
    ...missing.map((name) => `the fact ${name} was not recorded`),
    ...notAsked.map(({ origin }) => `the external policy of ${origin.binding} was not asked then`),
  ];
  if (!conclusion || lacks.length > 0) {
    return { result: 'undecidable', reused, undecidable: { id, runId, because: lacks.join('; ') } };
  }
  const [from, to] = [summaryOf(composition), summaryOf(conclusion.composition, approversUnknown)];
  if (!differs(from, to)) return { result: 'unchanged', reused };
  const bindings = blamed([composition, view.decisions], [conclusion.composition, decisions]);
  return { result: 'changed', reused, change: { id, runId, from, to, bindings } };
}

/** When the policies were asked: just after the last fact was read. */
function evaluatedAt({ facts, requestedAt }: RequestView): Date {
  const times = Object.values(facts).flatMap((fact) => (fact ? [Date.parse(fact.readAt)] : []));
  return new Date(times.length > 0 ? Math.max(...times) : requestedAt);
}

/** What external policies said when a request was decided; nobody is asked again. */
interface RecordedAnswers {
  /** The recorded answer of the same policy under the same binding; `undefined` if it was not asked then. */
  take(binding: PolicyBinding): Verdict | Error | undefined;
  /** How many were taken. */
  readonly reused: number;
}

function recordedAnswers(decisions: readonly Decision[]): RecordedAnswers {
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

/** What a backtest found, for people: what would change, then what cannot be told, then how much of it there was. */
export function formatBacktest(found: Backtest): string[] {
  const { changed, undecidable, unchanged, neverDecided, reusedAnswers } = cells(found);
  return [
    ...changed.flatMap(({ id, from, to, bindings }) => [
      `changed      ${id}`,
      `             ${outcomeText(from)} → ${outcomeText(to)}, because of ${bindings.join(', ')}`,
    ]),
    ...undecidable.map(({ id, because }) => `undecidable  ${id}: ${because}`),
    ...(changed.length + undecidable.length > 0 ? [''] : []),
    `${changed.length} changed, ${unchanged} unchanged, ${undecidable.length} undecidable`,
    ...(neverDecided > 0 ? [`${neverDecided} ended or wait before any policy had decided`] : []),
    ...(reusedAnswers > 0
      ? [`${reusedAnswers} answer(s) of external policies were taken from the record, whatever their params are now`]
      : []),
  ];
}
