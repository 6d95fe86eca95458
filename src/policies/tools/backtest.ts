import type { RequestView } from '../../domain/view.ts';
import { answersByBinding } from '../asking.ts';
import { createPolicySet } from '../policy-set.ts';
import type { PolicySet } from '../policy-set.ts';
import { decide, knownFacts } from './decide.ts';
import { blamed, differs, summaryOf } from './outcome-change.ts';
import type { OutcomeSummary } from './outcome-change.ts';
import { recordedAnswers } from './recorded-answers.ts';

/** A request that the other set would have decided otherwise. */
export interface Change {
  readonly id: string;
  readonly runId: string;
  readonly from: OutcomeSummary;
  readonly to: OutcomeSummary;
  /** The bindings, of either set, that make the difference; `host` where its own rules alone do. */
  readonly bindings: readonly string[];
}

/** A request of which nobody can say what the other set would have done, and why. */
export interface Undecidable {
  readonly id: string;
  readonly runId: string;
  readonly because: string;
}

export interface Backtest {
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
  const results: Retried[] = [];
  for (let start = 0; start < views.length; start += AT_ONCE) {
    results.push(...(await Promise.all(views.slice(start, start + AT_ONCE).map((view) => retry(enforced, view)))));
  }
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
