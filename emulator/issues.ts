import type { z } from 'zod';

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
}

type Issue = z.core.$ZodIssue;

// A union only says "invalid input"; the branch that got furthest into the value names the real mistake.
function deepest(issue: Issue): Issue {
  if (issue.code !== 'invalid_union') return issue;
  const inner = issue.errors
    .flat()
    .map(deepest)
    .toSorted((a, b) => b.path.length - a.path.length)[0];
  return inner ? { ...inner, path: [...issue.path, ...inner.path] } : issue;
}

/** One line per zod issue: where, and what is accepted there. */
export function issueLines(error: z.ZodError): string[] {
  return error.issues.map(deepest).map(({ path, message }) => `${pathText(path) || '(top level)'}: ${message}`);
}
