import { cancellationSignal } from '@temporalio/activity';
import type { FactReader } from '../chime/facts.ts';
import { channelsOf, type Flow } from '../domain/onboarding/flow.ts';
import { instantiate } from '../schemas/read-flow.ts';
import type { OnboardingSubject } from '../domain/onboarding/input.ts';
import { isRefusal, type Refusal } from '../domain/refusal.ts';
import { isAmong } from '../domain/requirement.ts';
import { digestOf } from '../identity/digest.ts';
import { checkFlow, type Flows } from '../flows.ts';
import type { createOwnFacts } from '../policies/own-facts.ts';
import { candidateOf } from '../policies/roster.ts';
import { requiredBearer, chimeFailure } from './chime-failure.ts';
import { measureOf } from './facts.ts';

export interface StartSources {
  readonly facts: FactReader;
  readonly bearers: readonly string[];
  readonly own: ReturnType<typeof createOwnFacts>;
  readonly flows: Flows;
}

/** The flow of an onboarding, with its params put in. */
export interface FoundFlow {
  readonly flow: Flow;
  readonly params: Readonly<Record<string, string>>;
  readonly flowDigest: string;
}

/** The flow that somebody asks for, if they may start it; who asks is proved already. */
export async function flowFor(subject: OnboardingSubject, sources: StartSources): Promise<FoundFlow | Refusal> {
  const written = await writtenFor(subject, sources);
  if (isRefusal(written)) return written;
  const made = instantiate(written.flow, subject);
  if (!made.ok) return invalid(made.issues[0]);
  const { flow, params } = made.value;
  // What a worker has was checked when it started.
  const [problem] = written.isBrought ? await checkFlow(flow, (role) => sources.own.has(role)) : [];
  if (problem) {
    const field = ['flow', ...problem.path].join('.');
    return invalid({
      field,
      message: `${field}: ${problem.message}`,
      ...(problem.accepted ? { accepted: problem.accepted } : {}),
    });
  }
  const refusal = written.isBrought ? undefined : await refusedStart(flow, subject, sources);
  return refusal ?? { flow, params, flowDigest: digestOf(written.flow) };
}

function invalid(issue: Partial<Refusal> = {}): Refusal {
  return { message: 'This is no flow.', ...issue, code: 'InvalidRequest' };
}

/** A flow as it was written: that of the worker, or that of an admin. Nothing of anybody else's is looked at. */
async function writtenFor(
  { flow, requestedBy }: OnboardingSubject,
  sources: StartSources,
): Promise<{ readonly flow: unknown; readonly isBrought: boolean } | Refusal> {
  const names = sources.flows.names();
  const accepted =
    names.length > 0 ? `one of ${names.slice(0, MAX_NAMES).join(', ')}` : 'none: ADMISSION_FLOWS is empty';
  if (typeof flow === 'string') {
    const found = sources.flows.get(flow);
    if (found) return { flow: found.written, isBrought: false };
    return { code: 'UnknownFlow', field: 'flow', message: `This worker has no flow ${flow}.`, accepted };
  }
  const isAdmin = await sources.facts.isAdmin(requestedBy, cancellationSignal()).catch(failed);
  if (isAdmin) return { flow, isBrought: true };
  const message = 'Only an admin of the app instance may bring a flow along: name one that the workers have.';
  return { code: 'FlowNotAllowed', field: 'flow', message, accepted };
}

const MAX_NAMES = 50;

/** Why who asks may not start this flow. */
async function refusedStart(
  flow: Flow,
  subject: OnboardingSubject,
  sources: StartSources,
): Promise<Refusal | undefined> {
  const { startedBy, name } = flow;
  const { member, requestedBy } = subject;
  const refusal = (message: string, accepted: string): Refusal => ({
    code: 'FlowNotAllowed',
    field: 'requestedBy',
    message: `You may not start the flow ${name}: ${message}.`,
    accepted,
  });
  if (startedBy === 'anyone') {
    return requestedBy === member ? undefined : refusal('it is started by the member alone', member);
  }
  for (const channelArn of channelsOf(flow)) {
    if (!(await holdsOne(startedBy, { channelArn, member, requestedBy }, sources))) {
      return refusal(
        `you hold none of its roles on ${channelArn}`,
        `${startedBy.roles.join(' or ')} of every channel of the flow`,
      );
    }
  }
  return undefined;
}

/** Whether somebody holds one of the roles on a channel at this moment. */
async function holdsOne(
  who: { readonly roles: string[] },
  { channelArn, member, requestedBy }: { channelArn: string; member: string; requestedBy: string },
  { facts, bearers, own }: StartSources,
): Promise<boolean> {
  const scope = { channelArn, bearer: requiredBearer(channelArn, bearers), signal: cancellationSignal() };
  const roles = await facts.offices(requestedBy, scope).catch(failed);
  const request = { channelArn, memberArn: member, requestedBy, type: 'DEFAULT' } as const;
  const measure = await measureOf({ request, approvers: [who] }, own.read);
  return isAmong(who, await candidateOf({ arn: requestedBy, roles }, measure));
}

function failed(error: unknown): never {
  throw chimeFailure(error);
}
