import { FACT_NAMES } from '../../domain/facts.ts';
import type { Policy } from '../policy.ts';
import type { Problem } from './load-issue.ts';

/**
 * Facts of policies' own that could be taken for others: of the host or of another policy, by the same name or by one
 * that begins with it (`channel.privacy` would hide a field of `channel`).
 */
export function factClashes(used: readonly { readonly index: number; readonly policy: Policy }[]): Problem[] {
  const taken = new Map<string, string>(FACT_NAMES.map((name) => [name, 'the host']));
  const seen = new Set<Policy>();
  return used.flatMap(({ index, policy }) => {
    if (seen.has(policy)) return [];
    seen.add(policy);
    const own = Object.keys(policy.provides ?? {});
    const problems = own.flatMap((name): Problem[] => {
      const because = clash(name, taken);
      const accepted = 'a name that nobody else has, such as one that begins with the id of the policy';
      return because
        ? [{ path: ['bindings', index, 'use'], message: `its own fact ${name} ${because}`, accepted }]
        : [];
    });
    for (const name of own) taken.set(name, `policy ${policy.id}`);
    return problems;
  });
}

function clash(name: string, taken: ReadonlyMap<string, string>): string | undefined {
  if (name in Object.prototype) return 'is a name that every object has';
  const other = [...taken].find(([known]) => `${name}.`.startsWith(`${known}.`) || `${known}.`.startsWith(`${name}.`));
  return other && `clashes with ${other[0]} of ${other[1]}`;
}
