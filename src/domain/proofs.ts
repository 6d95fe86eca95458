import type { Proof } from './actor.ts';
import type { Refusal } from './refusal.ts';

export type UsedAssertion = NonNullable<Proof['assertion']>;

/** The clocks of who signs and who checks may differ by this, in ms. */
const SKEW_MS = 60_000;

/** Marks an assertion as used: each proves one command, once. Those that have expired are refused for that alone. */
export function useAssertion(
  used: readonly UsedAssertion[],
  assertion: UsedAssertion | undefined,
  now: number,
): { readonly used: readonly UsedAssertion[]; readonly wasUsed: boolean } {
  if (!assertion) return { used, wasUsed: false };
  const known = used.filter(({ expiresAt }) => expiresAt + SKEW_MS > now);
  const wasUsed = known.some(({ id }) => id === assertion.id);
  return { used: wasUsed ? known : [...known, assertion], wasUsed };
}

export const REPLAYED: Refusal = {
  code: 'Unauthenticated',
  message: 'This assertion was used before: each proves one command, once.',
  field: 'actor.assertion',
  accepted: 'a new assertion',
};
