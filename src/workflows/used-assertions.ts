import type { Proof } from '../domain/actor.ts';

type Assertion = NonNullable<Proof['assertion']>;

/** The assertions that a workflow has taken: each proves one command, once. They travel from run to run. */
export interface UsedAssertions {
  /** Marks an assertion as used; whether it had been used before. */
  use(assertion: Assertion | undefined): boolean;
  carried(): readonly Assertion[];
}

/** The clocks of who signs and who checks may differ by this, in ms. */
const SKEW_MS = 60_000;

export function createUsedAssertions(before: readonly Assertion[] = []): UsedAssertions {
  let used = [...before];
  return {
    use(assertion) {
      if (!assertion) return false;
      // One that has expired is refused for that alone.
      used = used.filter(({ expiresAt }) => expiresAt + SKEW_MS > Date.now());
      if (used.some(({ id }) => id === assertion.id)) return true;
      used.push(assertion);
      return false;
    },
    carried: () => used,
  };
}
