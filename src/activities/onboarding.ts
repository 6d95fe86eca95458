import { cancellationSignal, getClient } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { ChimeReads } from '../chime/reads.ts';
import type { Actor, Proof } from '../domain/actor.ts';
import { shortName } from '../domain/arn.ts';
import { STATE_QUERY } from '../domain/commands.ts';
import { requestOf, childView, type ChildView } from '../domain/onboarding/children.ts';
import { ONBOARD } from '../domain/onboarding/commands.ts';
import { channelsOf } from '../domain/onboarding/flow.ts';
import type { OnboardingSubject } from '../domain/onboarding/input.ts';
import { isRefusal, type Refusal } from '../domain/refusal.ts';
import type { ListedAs } from '../domain/search-attributes.ts';
import type { Settings } from '../domain/settings.ts';
import { toldError } from '../domain/told.ts';
import type { RequestView } from '../domain/view.ts';
import { digestOf } from '../identity/digest.ts';
import type { Prover } from '../identity/prover.ts';
import { listedAs, onboardingId, requestId } from '../workflow-id.ts';
import { requiredBearer, chimeFailure, rowOf } from './chime-failure.ts';
import { flowFor, type FoundFlow, type StartSources } from './onboarding-start.ts';
import { assertFirstUse } from './use-once.ts';

export interface OnboardingDependencies extends StartSources {
  readonly reads: Pick<ChimeReads, 'nameOf'>;
  readonly prover: Prover;
  readonly settings: Settings;
  /** Keeps ids and attributes from being computed by others. */
  readonly idKey?: string | undefined;
  /** Of the workflows that are ours. */
  readonly taskQueue: string;
}

export interface PrepareCall {
  readonly workflowId: string;
  /** The first run of the workflow: it alone may use the proof. */
  readonly firstRunId?: string;
  readonly subject: OnboardingSubject;
  readonly actor?: Actor;
  /** When Temporal took it, ISO 8601: the proof of who asks is as of then. */
  readonly requestedAt: string;
}

/** What the workflow cannot know by itself. It is history: whatever becomes of the flow's file, this counts. */
export interface Prepared extends FoundFlow {
  readonly proof: Proof;
  readonly subjectDigest: string;
  readonly memberName: string;
  readonly serviceBearer: string;
  readonly settings: Settings;
  /** The workflow ids of the requests, by step. */
  readonly requestIds: Readonly<Record<string, string>>;
  /** What Temporal's lists may say of its people. */
  readonly listedAs: ListedAs;
}

export function createOnboardingActivities({
  reads,
  prover,
  settings,
  idKey,
  taskQueue,
  ...sources
}: OnboardingDependencies) {
  /** A name is only for people to read: where Chime does not give it, the id stands for it. */
  async function nameOf(arn: string): Promise<string> {
    try {
      return (await reads.nameOf(arn, cancellationSignal())) || shortName(arn);
    } catch (error) {
      const row = rowOf(error);
      if (row.class !== 'terminal') throw chimeFailure(error, row);
      return shortName(arn);
    }
  }

  return {
    /** Proves who asks, finds the flow that they may start, and reads what the onboarding needs before its first step. */
    async prepareOnboarding({ workflowId, firstRunId, subject, actor, requestedAt }: PrepareCall): Promise<Prepared> {
      const subjectDigest = digestOf(subject);
      const command = { command: ONBOARD, workflowId, payload: subject, requestDigest: subjectDigest };
      // As of when it was asked: an outage may have put off this check for hours.
      const proof = await prover.prove(actor, command, { at: new Date(requestedAt) });
      if (isRefusal(proof)) throw refused(proof);
      await assertFirstUse(proof.assertion, { by: firstRunId ?? workflowId, taskQueue });
      const found = await flowFor(subject, sources);
      if (isRefusal(found)) throw refused(found);
      const { flow } = found;
      // Else it could be in the way of one that is somebody else's.
      if (workflowId !== onboardingId(flow.name, subject, idKey)) throw refused(OTHER_ID);
      const { member, requestedBy } = subject;
      const joins = flow.steps.filter((step) => step.kind === 'join');
      const requests = joins.map(
        (step) => [step.id, requestOf({ flow, member: { arn: member }, requestedBy }, step)] as const,
      );
      // Who becomes a HIDDEN member somewhere is not to be found by name.
      const isHidden = joins.some(({ type }) => type === 'HIDDEN');
      return {
        ...found,
        proof,
        subjectDigest,
        memberName: await nameOf(subject.member),
        serviceBearer: requiredBearer(channelsOf(flow)[0] ?? '', sources.bearers),
        settings,
        requestIds: Object.fromEntries(requests.map(([step, request]) => [step, requestId(request, idKey)])),
        listedAs: listedAs({ memberArn: member, requestedBy, isHidden }, idKey),
      };
    },

    /** How a request stands that an onboarding made, from the request itself. */
    async readChild(child: { readonly id: string; readonly firstRunId: string }): Promise<ChildView> {
      return readChild(child, getClient());
    },
  };
}

function refused(refusal: Refusal): ApplicationFailure {
  return ApplicationFailure.nonRetryable(refusal.message, refusal.code, refusal);
}

const OTHER_ID: Refusal = {
  code: 'InvalidRequest',
  field: 'workflowId',
  message: 'An onboarding has the workflow id that its flow, its member and who asks for it make.',
  accepted: 'the id that `admit onboard start` gives it, with the ADMISSION_ID_KEY of the workers',
};

type Client = ReturnType<typeof getClient>;

/**
 * How a request stands, from its own workflow: signals can be sent by anybody, and are no source. An open one is asked,
 * a closed one has a result.
 */
async function readChild(
  { id, firstRunId }: { readonly id: string; readonly firstRunId: string },
  client: Client,
): Promise<ChildView> {
  const latest = client.workflow.getHandle(id);
  const { runId, status, raw } = await latest.describe();
  const first = raw.workflowExecutionInfo?.firstRunId || runId;
  // Ours has ended, and somebody has asked again since.
  if (first !== firstRunId) return outcomeOf(client, id, firstRunId);
  if (status.name !== 'RUNNING') return outcomeOf(client, id, runId);
  return childView(await latest.query<RequestView>(STATE_QUERY));
}

async function outcomeOf(client: Client, id: string, runId: string): Promise<ChildView> {
  try {
    return childView((await client.workflow.getHandle(id, runId).result()) as RequestView);
  } catch (error) {
    const { cause } = error as Error;
    if (!(cause instanceof Error)) throw error;
    const failure = cause instanceof ApplicationFailure ? cause : undefined;
    const view = failure?.details?.[1] as RequestView | undefined;
    if (view) return childView(view);
    return {
      state: 'closed',
      outcome: 'failed',
      error: toldError({ type: failure?.type ?? 'RequestEnded', message: cause.message }, { facts: {} }),
    };
  }
}
