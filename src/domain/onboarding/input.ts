import { z } from 'zod';
import { Actor } from '../actor.ts';
import { parseArn } from '../arn.ts';
import { boundsIssue, fewIssues, ONBOARDING_BOUNDS } from '../bounds.ts';
import type { FieldIssue, Parsed } from '../request.ts';
import { channelsOf, declaredParams, paramsOf, readFlow } from './flow.ts';
import type { Flow, FlowProblem } from './flow.ts';

const User = z.string().refine((text) => ['user', 'bot'].includes(parseArn(text)?.kind ?? ''));

/** What an onboarding starts with. The flow travels as it was written, so that an edited file changes nothing that runs. */
const Input = z.strictObject({
  flow: z.unknown(),
  member: User,
  requestedBy: User,
  params: z.record(z.string().max(32), z.string().max(1024)).default({}),
  actor: Actor.exactOptional(),
});

/** What the proof of the requester is about, and what its digest identifies. */
export interface OnboardingSubject {
  readonly flow: unknown;
  readonly member: string;
  readonly requestedBy: string;
  readonly params: Readonly<Record<string, string>>;
}

export interface Onboarding {
  readonly subject: OnboardingSubject;
  readonly actor?: Actor;
  /** The flow with its params put in. */
  readonly flow: Flow;
  readonly params: Readonly<Record<string, string>>;
}

const ACCEPTED: Readonly<Record<string, string>> = {
  member: 'the ARN of a user or bot',
  requestedBy: 'the ARN of a user or bot',
  params: 'names and texts',
  actor: '{ principal, assertion? }',
};

/** Checks an input of unknown origin. Never throws. */
export function parseOnboarding(input: unknown): Parsed<Onboarding> {
  const tooBig = boundsIssue(input, 'input', ONBOARDING_BOUNDS);
  if (tooBig) return no([tooBig]);
  const parsed = Input.safeParse(input);
  if (!parsed.success) {
    return no(
      parsed.error.issues.map(({ path: [field = 'input'] }) =>
        issue(String(field), 'is not valid', ACCEPTED[String(field)] ?? 'flow, member, requestedBy, params?'),
      ),
    );
  }
  const { actor, ...subject } = parsed.data;
  const { member, requestedBy, params: given } = subject;
  const home = parseArn(member)?.appInstanceArn;
  if (parseArn(requestedBy)?.appInstanceArn !== home) return no([foreign('requestedBy', home)]);
  if (actor && actor.principal !== requestedBy) return no([issue('actor.principal', 'is not who asks', requestedBy)]);
  const { params, problems } = paramsOf(declaredParams(subject.flow), given, home);
  if (problems.length > 0) return no(problems.map((problem) => issueOf(problem)));
  const read = readFlow(subject.flow, given);
  if (!read.ok) return no(read.problems.map((problem) => issueOf(problem, 'flow')));
  const elsewhere = channelsOf(read.flow).find((channel) => parseArn(channel)?.appInstanceArn !== home);
  if (elsewhere !== undefined) return no([foreign(`flow: ${elsewhere}`, home)]);
  return {
    ok: true,
    value: { subject: { ...subject, flow: subject.flow }, flow: read.flow, params, ...(actor ? { actor } : {}) },
  };
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
