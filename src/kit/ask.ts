import { Verdict } from '../schemas/verdict.ts';
import { schemaProblems } from '../json-schema/bounded.ts';
import type { Policy } from '../policies/policy.ts';
import type { Input } from './conformance-input.ts';
import { watchImpurity } from './impurity.ts';

/** What came of one evaluation: a verdict and what was used for it, or which rule was broken. */
export type Asked =
  | { readonly verdict: Verdict; readonly used: readonly string[] }
  | { readonly failed: { readonly rule: 'verdict' | 'timeout'; readonly message: string } };

/** Evaluates a policy once, as the host does. */
export async function ask(policy: Policy, input: Input, timeoutMs: number): Promise<Asked> {
  const { request, ...context } = input;
  const stop = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), timeoutMs);
  });
  const facts = context.facts as never;
  try {
    const asked = { ...context, facts, signal: stop.signal, log: () => undefined };
    const { result, used } = await watchImpurity(() =>
      Promise.race([late, (async () => policy.evaluate(request, asked))()]),
    );
    if (result === 'late') return { failed: { rule: 'timeout', message: `no answer within ${timeoutMs} ms` } };
    const parsed = Verdict.safeParse(result);
    if (parsed.success) {
      const [problem] = parsed.data.verdict === 'requireInput' ? await schemaProblems(parsed.data.schema) : [];
      if (!problem) return { verdict: parsed.data, used };
      const message = `its schema: ${[...problem.path, problem.message].join(': ')} (accepted: ${problem.accepted})`;
      return { failed: { rule: 'verdict', message } };
    }
    const issues = parsed.error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '));
    return { failed: { rule: 'verdict', message: `its answer is not a verdict: ${issues.join('; ')}` } };
  } catch (error) {
    return { failed: { rule: 'verdict', message: `it throws: ${textOf(error)}` } };
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
}

export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
