import { z } from 'zod';
import { Verdict } from '../../schemas/verdict.ts';
import type { Asking } from '../asking.ts';
import type { Problem } from '../load/load-issue.ts';
import { problemsOf } from '../load/zod-problems.ts';

/** What an external policy says in a case, or why it fails. */
export type FixtureAnswer = Verdict | Error;

const Failure = z.strictObject({ error: z.string().min(1) });
const Submitted = z.record(z.string(), z.unknown());
const ACCEPTED = '{ verdict: allow, … } as a policy answers, or { error: a text }';

interface FixtureAnswers {
  /** What external policies say. */
  readonly verdicts: Record<string, FixtureAnswer>;
  /** What the requester answered to other policies. */
  readonly answers: Record<string, Asking['answers'][string]>;
  readonly problems: readonly Problem[];
}

/** Checks the answers of a case, each as what it is meant to be, so that the messages fit. */
export function fixtureAnswers(given: Readonly<Record<string, unknown>>, external: readonly string[]): FixtureAnswers {
  const verdicts: FixtureAnswers['verdicts'] = {};
  const answers: FixtureAnswers['answers'] = {};
  const problems = Object.entries(given).flatMap(([name, value]) => {
    const at = ['answers', name];
    if (!external.includes(name)) {
      const parsed = Submitted.safeParse(value);
      if (parsed.success) answers[name] = parsed.data;
      return parsed.success ? [] : problemsOf(parsed.error, value, { at, accepted: { '': 'the answers, by field' } });
    }
    const failure = typeof value === 'object' && value !== null && 'error' in value;
    const schema = failure ? Failure : Verdict;
    const parsed = schema.safeParse(value);
    if (!parsed.success) return problemsOf(parsed.error, value, { at, schema, accepted: { '': ACCEPTED } });
    verdicts[name] = 'error' in parsed.data ? new Error(parsed.data.error) : parsed.data;
    return [];
  });
  return { verdicts, answers, problems };
}
