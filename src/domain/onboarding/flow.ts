import type { Params } from './params.ts';
import type { Step } from './step.ts';

/** A declared onboarding: steps in order. Its schema, and how one is read, are in `src/schemas/`. */
export interface Flow {
  readonly apiVersion: 'onboarding/v1';
  readonly name: string;
  readonly title?: string;
  /**
   * Who may start it: those who hold one of the roles on every channel of the flow, or anyone, for nobody but themselves.
   * A role of its own is a fact that a policy provides.
   */
  readonly startedBy: 'anyone' | { readonly roles: string[] };
  readonly params: Params;
  readonly steps: readonly Step[];
}

/** Of a flow and of its steps: kebab-case. */
export const KEBAB = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

export const MAX_FLOW_NAME = 48;

export function isFlowName(name: unknown): name is string {
  return typeof name === 'string' && name.length <= MAX_FLOW_NAME && KEBAB.test(name);
}

/** The channels of a flow, in the order of its steps. */
export function channelsOf({ steps }: Pick<Flow, 'steps'>): string[] {
  return [...new Set(steps.flatMap((step) => ('channelArn' in step ? [step.channelArn] : [])))];
}
