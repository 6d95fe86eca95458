import type { Actor } from '../actor.ts';
import type { FieldIssue } from '../request.ts';
import { isFlowName } from './flow.ts';
import { MAX_PARAM, MAX_PARAMS } from './params.ts';

/** What the proof of the requester is about, and what its digest identifies. */
export interface OnboardingSubject {
  readonly flow: string | Readonly<Record<string, unknown>>;
  readonly member: string;
  readonly requestedBy: string;
  readonly params: Readonly<Record<string, string>>;
}

export interface Onboarding {
  readonly subject: OnboardingSubject;
  readonly actor?: Actor;
}

export const ACCEPTED_IN_ONBOARDING: Readonly<Record<string, string>> = {
  flow: 'the name of a flow that the workers have; of an app instance admin also a flow',
  member: 'the ARN of a user or bot',
  requestedBy: 'the ARN of a user or bot',
  params: `at most ${MAX_PARAMS} names and texts of at most ${MAX_PARAM} characters`,
  actor: '{ principal, assertion? }',
};

/** The name under which a flow is asked for; one that is brought along says its own. */
export function flowNameOf({ flow }: Pick<OnboardingSubject, 'flow'>): string {
  const name = typeof flow === 'string' ? flow : flow['name'];
  return isFlowName(name) ? name : UNNAMED;
}

export const UNNAMED = 'unnamed';

export function foreignIssue(field: string, home: string | undefined): FieldIssue {
  return onboardingIssue(field, 'belongs to another app instance than the member', `an ARN that begins with ${home}/`);
}

export function onboardingIssue(field: string, message: string, accepted: string): FieldIssue {
  return { field, message: `${field} ${message}`, accepted };
}
