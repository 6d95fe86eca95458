import { z } from 'zod';
import { Actor } from '../actor.ts';
import { parseArn } from '../arn.ts';
import { boundsIssue, fewIssues, ONBOARDING_BOUNDS } from '../bounds.ts';
import type { FieldIssue, Parsed } from '../request.ts';
import { channelsOf, FlowName, readFlow } from './flow.ts';
import type { Flow } from './flow.ts';
import { declaredParams, MAX_PARAM, MAX_PARAMS, paramsOf } from './params.ts';
import type { FlowProblem } from './params.ts';

const User = z.string().refine((text) => ['user', 'bot'].includes(parseArn(text)?.kind ?? ''));

/** The name of a flow that the worker has; a flow that an admin brings along is looked at once that is proved. */
const NameOrFlow = z.union([FlowName, z.record(z.string(), z.unknown())]);

/** What an onboarding starts with. */
export const OnboardingFields = z.strictObject({
  flow: NameOrFlow,
  member: User,
  requestedBy: User,
  params: z
    .record(z.string().max(32), z.string().max(MAX_PARAM))
    .refine((params) => Object.keys(params).length <= MAX_PARAMS)
    .default({}),
  actor: Actor.exactOptional(),
});

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

const ACCEPTED: Readonly<Record<string, string>> = {
  flow: 'the name of a flow that the workers have; of an app instance admin also a flow',
  member: 'the ARN of a user or bot',
  requestedBy: 'the ARN of a user or bot',
  params: `at most ${MAX_PARAMS} names and texts of at most ${MAX_PARAM} characters`,
  actor: '{ principal, assertion? }',
};

/** Checks an input of unknown origin, as far as that needs no flow. Never throws. */
export function parseOnboarding(input: unknown): Parsed<Onboarding> {
  const tooBig = boundsIssue(input, 'input', ONBOARDING_BOUNDS);
  if (tooBig) return no([tooBig]);
  const parsed = OnboardingFields.safeParse(input);
  if (!parsed.success) {
    return no(
      parsed.error.issues.map(({ path: [field = 'input'] }) =>
        issue(String(field), 'is not valid', ACCEPTED[String(field)] ?? 'flow, member, requestedBy, params?'),
      ),
    );
  }
  const { actor, ...subject } = parsed.data;
  const { member, requestedBy } = subject;
  const home = parseArn(member)?.appInstanceArn;
  if (parseArn(requestedBy)?.appInstanceArn !== home) return no([foreign('requestedBy', home)]);
  if (actor && actor.principal !== requestedBy) return no([issue('actor.principal', 'is not who asks', requestedBy)]);
  return { ok: true, value: { subject, ...(actor ? { actor } : {}) } };
}

/** The name under which a flow is asked for; one that is brought along says its own. */
export function flowNameOf({ flow }: Pick<OnboardingSubject, 'flow'>): string {
  const name = FlowName.safeParse(typeof flow === 'string' ? flow : flow['name']);
  return name.success ? name.data : UNNAMED;
}

export const UNNAMED = 'unnamed';

/** A flow as it was written, with the params of an onboarding put in: which flow and which values count. */
export function instantiate(
  written: unknown,
  { member, params: given }: Pick<OnboardingSubject, 'member' | 'params'>,
): Parsed<{ readonly flow: Flow; readonly params: Readonly<Record<string, string>> }> {
  const home = parseArn(member)?.appInstanceArn;
  const { params, problems } = paramsOf(declaredParams(written), given, home);
  if (problems.length > 0) return no(problems.map((problem) => issueOf(problem)));
  const read = readFlow(written, params);
  if (!read.ok) return no(read.problems.map((problem) => issueOf(problem, 'flow')));
  const elsewhere = channelsOf(read.flow).find((channel) => parseArn(channel)?.appInstanceArn !== home);
  if (elsewhere !== undefined) return no([foreign(`flow: ${elsewhere}`, home)]);
  return { ok: true, value: { flow: read.flow, params } };
}

function issueOf({ path, message, accepted }: FlowProblem, below?: string): FieldIssue {
  const parts = below === undefined ? path : [below, ...path];
  return issue(parts.map(String).join('.'), message, accepted ?? 'see docs/onboarding.md');
}

function foreign(field: string, home: string | undefined): FieldIssue {
  return issue(field, 'belongs to another app instance than the member', `an ARN that begins with ${home}/`);
}

function issue(field: string, message: string, accepted: string): FieldIssue {
  return { field, message: `${field} ${message}`, accepted };
}

function no(issues: FieldIssue[]): Parsed<never> {
  return { ok: false, issues: fewIssues(issues) };
}
