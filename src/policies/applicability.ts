import type { MatchedCondition } from '../domain/admission.ts';
import type { Facts } from '../domain/facts.ts';
import type { PolicyBinding } from './binding.ts';
import type { Question } from './run-policy.ts';

/** Whether a binding applies: `no` names the first condition that was false; `error`, the first that gave no boolean. */
export type Applicability = { readonly conditions: readonly MatchedCondition[] } & (
  | { readonly applies: 'yes' }
  | { readonly applies: 'no'; readonly because: string }
  | { readonly applies: 'error'; readonly error: Error }
);

/** Evaluates the conditions of a binding, in their order, up to the first that is not true. */
export async function applicability(
  { matchConditions }: PolicyBinding,
  { facts, ...asked }: Pick<Question, 'request' | 'facts' | 'now' | 'askedBy'> & Partial<Pick<Question, 'purpose'>>,
): Promise<Applicability> {
  const conditions: MatchedCondition[] = [];
  const values = plainValues(facts);
  for (const { name, program } of matchConditions) {
    const result = await program.evaluate({ ...asked, facts: onlyThose(program.facts, values) });
    const { explain } = result;
    conditions.push({ name, expression: program.source, value: result.ok && result.value === true, explain });
    if (!result.ok) return { conditions, applies: 'error', error: new Error(`condition ${name}: ${result.error}`) };
    if (result.value === false) return { conditions, applies: 'no', because: `condition ${name} does not hold` };
    if (result.value !== true) {
      return { conditions, applies: 'error', error: new Error(`condition ${name} gives no boolean`) };
    }
  }
  return { conditions, applies: 'yes' };
}

/** The values of facts that could be read, by name. */
export function plainValues(facts: Facts): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(facts).flatMap(([name, fact]) => (fact && fact.error === undefined ? [[name, fact.value]] : [])),
  );
}

/** A child process gets a copy of what it is given: no more than it needs. */
export function onlyThose(
  names: readonly string[],
  values: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => Object.hasOwn(values, name)).map((name) => [name, values[name]]));
}
