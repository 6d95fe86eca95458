import { z } from 'zod';
import { isPolicy } from '../policy.ts';
import type { Policy } from '../policy.ts';
import type { Problem } from './load-issue.ts';
import { KEBAB } from './set-schema.ts';
import { problemsOf } from './zod-problems.ts';

const OWN_FACT = /^[a-z][a-zA-Z0-9]*(\.[a-z][a-zA-Z0-9]*)*$/;
const SEMVER = /^\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?$/;

const aFunction = z.custom<unknown>((value) => typeof value === 'function', 'is not a function');
const text = z.string().min(1);

/** What the types of `definePolicy` say, for those who write JavaScript or cast. */
const Definition = z.object({
  id: z.string().regex(KEBAB).max(64),
  version: z.string().regex(SEMVER),
  title: text,
  params: z.custom((value) => typeof (value as z.ZodType | null)?.safeParse === 'function', 'is not a zod schema'),
  facts: z.union([z.array(text), aFunction]),
  provides: z
    .record(z.string().regex(OWN_FACT), z.object({ source: text, ttlMs: z.number().min(0), read: aFunction }))
    .exactOptional(),
  kind: z.enum(['pure', 'external']),
  evaluate: aFunction,
});

const ACCEPTED = {
  id: 'a name in kebab-case, at most 64 characters, such as office-hours',
  version: 'a version such as 1.0.0',
  title: 'a text',
  facts: 'a list of names, or a function of the params that gives one',
};

/** The policy that a module exports by default, also where a compiler wrapped it, or what is wrong with it. */
export function exportedPolicy(
  exported: unknown,
  where: string,
): { readonly ok: true; readonly policy: Policy } | { readonly ok: false; readonly problems: readonly Problem[] } {
  const wrapped = (exported as { readonly default?: unknown } | null | undefined)?.default;
  const policy = isPolicy(exported) ? exported : wrapped;
  if (!isPolicy(policy)) {
    const message = `${where} has no default export that definePolicy made`;
    const accepted = 'export default definePolicy({ … }), with definePolicy of channel-admission/policy';
    return { ok: false, problems: [{ path: [], message, accepted }] };
  }
  const parsed = Definition.safeParse(policy);
  if (parsed.success) return { ok: true, policy };
  const problems = problemsOf(parsed.error, policy, { accepted: ACCEPTED }).map(({ path, message, accepted }) => ({
    path: [],
    message: `${where}: ${path.join('.')} ${message}`,
    accepted,
  }));
  return { ok: false, problems };
}
