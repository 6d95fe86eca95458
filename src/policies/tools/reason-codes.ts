import type { PolicyBinding } from '../binding.ts';

const CODE = /^[A-Z][A-Z0-9_]{1,63}$/;

/** Comments, and the codes that stand as literals in `deny('CODE'` or `code: 'CODE'`. */
const IN_SOURCE =
  /\/\*[\s\S]*?\*\/|(?<!:)\/\/.*|\b(?:deny\(\s*|code:\s*)(['"`])([A-Z][A-Z0-9_]{1,63})\1(?=\s*(?:[,;)}]|$))/g;

/** The reason codes that a policy's own source names. One that is put together at run time is not found. */
export function codesInSource(source: string): string[] {
  return [...new Set([...source.matchAll(IN_SOURCE)].flatMap((match) => match[2] ?? []))];
}

/** The reason codes that a binding may give by its params: every text under a key `code`, or else the policy's own. */
export function codesOfParams({ policy, params }: Pick<PolicyBinding, 'policy' | 'params'>): string[] {
  const codes = [...new Set(codesIn(params))];
  return codes.length > 0 ? codes : (USUAL[policy.id]?.(params as Record<string, unknown>) ?? []);
}

function codesIn(params: unknown): string[] {
  if (typeof params !== 'object' || params === null) return [];
  return Object.entries(params).flatMap(([key, value]: [string, unknown]) =>
    key === 'code' && typeof value === 'string' && CODE.test(value) ? [value] : codesIn(value),
  );
}

/** What the declarative policies say where their params name no code. */
const USUAL: Record<string, (params: Readonly<Record<string, unknown>>) => string[]> = {
  expression: ({ denyWhen }) => (denyWhen === undefined ? [] : ['EXPRESSION']),
  screening: ({ questions }) => (JSON.stringify(questions).includes('"accept"') ? ['SCREENING_FAILED'] : []),
  term: ({ required }) => ['TERM_TOO_LONG', ...(required === true ? ['TERM_REQUIRED'] : [])],
  'allow-list': ({ otherwise }) => (otherwise === 'deny' ? ['NOT_ON_LIST'] : []),
};
