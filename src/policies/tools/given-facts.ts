import type { z } from 'zod';
import { isHostFact } from '../../domain/facts.ts';
import type { Facts } from '../../domain/facts.ts';
import type { JoinRequest } from '../../domain/request.ts';
import type { Problem } from '../load/load-issue.ts';
import { problemsOf } from '../load/zod-problems.ts';
import { ownFacts } from '../policy-set.ts';
import type { PolicySet } from '../policy-set.ts';
import { ACCEPTED_FACTS, FACT_SCHEMAS } from './fact-values.ts';

/** Checks facts that somebody wrote down, and makes them facts as a worker would have read them at `now`. */
export function givenFacts(
  given: Readonly<Record<string, unknown>>,
  { set, now, schemas = FACT_SCHEMAS }: { set: PolicySet; now: Date; schemas?: Record<string, z.ZodType> },
): { ok: true; facts: Facts } | { ok: false; problems: readonly Problem[] } {
  const own = ownFacts(set);
  const problems: Problem[] = [];
  const entries = Object.entries(given).map(([name, value]) => {
    const schema = isHostFact(name) ? schemas[name] : undefined;
    if (!schema && !own.has(name)) problems.push(unknownFact(name, [...own.keys()]));
    const parsed = schema?.safeParse(value);
    if (parsed?.error) problems.push(...wrongFact(name, problemsOf(parsed.error, value, { at: [name], schema })));
    return [name, asFact(parsed?.data ?? value, now)] as const;
  });
  return problems.length > 0 ? { ok: false, problems } : { ok: true, facts: Object.fromEntries(entries) };
}

/** Facts that follow from the request alone. */
export function impliedFacts({ chimeBearer }: JoinRequest, now: Date): Facts {
  if (chimeBearer !== undefined) return {};
  return { 'bearer.role': { value: null, source: 'no chimeBearer in the request', readAt: now.toISOString() } };
}

/** What a fact accepts, in words. */
export function acceptedFact(name: string): string {
  return isHostFact(name) ? ACCEPTED_FACTS[name] : 'whatever the policy that brings this fact expects';
}

export function asFact<T>(value: T, now: Date): { value: T; source: string; readAt: string } {
  return { value, source: 'given', readAt: now.toISOString() };
}

function wrongFact(name: string, problems: readonly Problem[]): Problem[] {
  return problems.map((one) => (one.path.length === 1 ? { ...one, accepted: acceptedFact(name) } : one));
}

function unknownFact(name: string, own: readonly string[]): Problem {
  const accepted = [...Object.keys(ACCEPTED_FACTS), ...own].join(', ');
  return { path: [name], atKey: true, message: `there is no fact ${name}`, accepted };
}
