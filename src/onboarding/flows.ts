import type { Flow } from '../domain/onboarding/flow.ts';

/** A flow that workers have, which anybody may name and only its `startedBy` may start. */
export interface ConfiguredFlow {
  readonly name: string;
  /** As it was written: what an onboarding is made of, and the digest is of. */
  readonly written: unknown;
  /** Read with samples for its params. */
  readonly flow: Flow;
  readonly digest: string;
  readonly file: string;
}

/** The flows of `ADMISSION_FLOWS`. They are configuration, as policies are: nobody who starts an onboarding brings them. */
export interface Flows {
  get(name: string): Pick<ConfiguredFlow, 'written' | 'digest'> | undefined;
  names(): readonly string[];
}

export function flowsOf(flows: readonly ConfiguredFlow[]): Flows {
  const byName = new Map(flows.map((flow) => [flow.name, flow]));
  return { get: (name) => byName.get(name), names: () => [...byName.keys()] };
}

export const NO_FLOWS = flowsOf([]);
