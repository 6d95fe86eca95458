import { ACTOR, type Actor } from '../actor.ts';
import { parseArn } from '../arn.ts';
import { boundsIssue, fewIssues, ONBOARDING_BOUNDS } from '../bounds.ts';
import { arnOf, faultsIn, is, isRecord, optional, text, type Fields } from '../checks.ts';
import type { FieldIssue, Parsed } from '../request.ts';
import { isFlowName } from './flow.ts';
import { MAX_PARAM, MAX_PARAMS } from './params.ts';

/** The proof of the requester is about this, and its digest identifies the onboarding. */
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

const ACCEPTED: Readonly<Record<string, string>> = {
  flow: 'the name of a flow that the workers have; of an app instance admin also a flow',
  member: 'the ARN of a user or bot',
  requestedBy: 'the ARN of a user or bot',
  params: `at most ${MAX_PARAMS} names and texts of at most ${MAX_PARAM} characters`,
  actor: '{ principal, assertion? }',
};

const WHO = arnOf('user', 'bot');

/** The input of an onboarding. A flow that an admin brings along is looked at once that is proved. */
export const ONBOARDING_FIELDS: Fields<OnboardingSubject & Pick<Onboarding, 'actor'>> = {
  flow: is((value) => isFlowName(value) || isRecord(value)),
  member: WHO,
  requestedBy: WHO,
  params: optional(is(areParams)),
  actor: optional(ACTOR),
};

function areParams(value: unknown): boolean {
  if (!isRecord(value) || Object.keys(value).length > MAX_PARAMS) return false;
  const isParam = text(MAX_PARAM);
  return Object.entries(value).every(([name, one]) => name.length <= 32 && isParam(one) === undefined);
}

/** Checks an input of unknown origin, as far as that needs no flow. Never throws. */
export function parseOnboarding(input: unknown): Parsed<Onboarding> {
  const tooBig = boundsIssue(input, 'input', ONBOARDING_BOUNDS);
  if (tooBig) return no([tooBig]);
  const wrong = isRecord(input) ? faultsIn(input, ONBOARDING_FIELDS) : [''];
  if (wrong.length > 0) return no(wrong.map(invalidField));
  type Written = Omit<OnboardingSubject, 'params'> & Partial<Pick<OnboardingSubject, 'params'>>;
  const { actor, params = {}, flow, member, requestedBy } = input as Written & Pick<Onboarding, 'actor'>;
  const subject = { flow, member, requestedBy, params };
  const home = parseArn(member)?.appInstanceArn;
  if (parseArn(requestedBy)?.appInstanceArn !== home) return no([foreignIssue('requestedBy', home)]);
  if (actor && actor.principal !== requestedBy) {
    return no([onboardingIssue('actor.principal', 'is not who asks', requestedBy)]);
  }
  return { ok: true, value: { subject, ...(actor ? { actor } : {}) } };
}

function invalidField(name: string): FieldIssue {
  const accepted = Object.hasOwn(ACCEPTED, name) ? ACCEPTED[name] : undefined;
  if (accepted !== undefined) return onboardingIssue(name, 'is not valid', accepted);
  return onboardingIssue('input', 'is not valid', 'flow, member, requestedBy, params?');
}

function no(issues: FieldIssue[]): Parsed<never> {
  return { ok: false, issues: fewIssues(issues) };
}

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
