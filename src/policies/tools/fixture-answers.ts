import { z } from 'zod';
import { Verdict } from '../../domain/verdict.ts';
import type { Problem } from '../load/load-issue.ts';
import { problemsOf } from '../load/zod-problems.ts';

/** What an external policy says in a case, or why it fails. */
export type FixtureAnswer = Verdict | Error;

const Failure = z.strictObject({ error: z.string().min(1) });
const ACCEPTED = '{ verdict: allow, … } as a policy answers, or { error: a text }';

/** Checks the answers of external policies, each as what it is meant to be, so that the messages fit. */
export function fixtureAnswers(given: Readonly<Record<string, unknown>>): {
  answers: Record<string, FixtureAnswer>;
  problems: readonly Problem[];
} {
  const answers: Record<string, FixtureAnswer> = {};
  const problems = Object.entries(given).flatMap(([name, value]) => {
    const failure = typeof value === 'object' && value !== null && 'error' in value;
    const schema = failure ? Failure : Verdict;
    const parsed = schema.safeParse(value);
    if (!parsed.success)
      return problemsOf(parsed.error, value, { at: ['answers', name], schema, accepted: { '': ACCEPTED } });
    answers[name] = 'error' in parsed.data ? new Error(parsed.data.error) : parsed.data;
    return [];
  });
  return { answers, problems };
}
