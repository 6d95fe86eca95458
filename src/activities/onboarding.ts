import { cancellationSignal, getClient } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { FactReader } from '../chime/facts.ts';
import type { ChimeReads } from '../chime/reads.ts';
import type { Actor, Proof } from '../domain/actor.ts';
import { shortName } from '../domain/arn.ts';
import { ONBOARD } from '../domain/onboarding/commands.ts';
import type { ChildView } from '../domain/onboarding/children.ts';
import type { OnboardingSubject } from '../domain/onboarding/input.ts';
import { isRefusal } from '../domain/refusal.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { JoinRequest } from '../domain/request.ts';
import type { Settings } from '../domain/settings.ts';
import { digestOf } from '../identity/digest.ts';
import type { Prover } from '../identity/prover.ts';
import type { ListedAs } from '../domain/search-attributes.ts';
import { listedAs, requestId } from '../workflow-id.ts';
import { requiredBearer } from './bearers.ts';
import { chimeFailure, rowOf } from './chime-failure.ts';
import { readChild } from './onboarding-child.ts';
import { assertFirstUse } from './use-once.ts';

export interface OnboardingDependencies {
  readonly reads: Pick<ChimeReads, 'nameOf'>;
  readonly facts: FactReader;
  readonly bearers: readonly string[];
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
  /** Every channel of the flow, and those to which it writes. */
  readonly channels: readonly string[];
  readonly writesTo: readonly string[];
  /** The requests of its join steps, by step. */
  readonly requests: Readonly<Record<string, JoinRequest>>;
}

/** What the workflow cannot know by itself. */
export interface Prepared {
  readonly proof: Proof;
  readonly flowDigest: string;
  readonly subjectDigest: string;
  readonly memberName: string;
  readonly serviceBearer: string;
  readonly settings: Settings;
  /** The workflow ids of the requests, by step. */
  readonly requestIds: Readonly<Record<string, string>>;
  /** What Temporal's lists may say of its people. */
  readonly listedAs: ListedAs;
}

export function createOnboardingActivities(dependencies: OnboardingDependencies) {
  const { reads, facts, bearers, prover, settings, idKey } = dependencies;
  const scopeOf = (channelArn: string) => {
    return { channelArn, bearer: requiredBearer(channelArn, bearers), signal: cancellationSignal() };
  };

  /** Messages go out in the name of the service bearer: not everybody may have it speak. */
  async function assertInOffice(principal: string, channels: readonly string[]): Promise<void> {
    for (const channelArn of channels) {
      const offices = await facts.offices(principal, scopeOf(channelArn)).catch((error: unknown) => {
        throw chimeFailure(error);
      });
      if (offices.length === 0) throw refused({ ...NOT_IN_OFFICE, message: `${NOT_IN_OFFICE.message} ${channelArn}.` });
    }
  }

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
    /** Proves who asks, and reads what the onboarding needs before its first step. */
    async prepareOnboarding(call: PrepareCall): Promise<Prepared> {
      const { workflowId, subject, actor, requestedAt, channels, writesTo, requests } = call;
      const subjectDigest = digestOf(subject);
      const command = { command: ONBOARD, workflowId, payload: subject, requestDigest: subjectDigest };
      // As of when it was asked: an outage may have put off this check for hours.
      const proof = await prover.prove(actor, command, { at: new Date(requestedAt) });
      if (isRefusal(proof)) throw refused(proof);
      await assertFirstUse(proof.assertion, { by: call.firstRunId ?? workflowId, taskQueue: dependencies.taskQueue });
      const serviceBearer = requiredBearer(channels[0] ?? '', bearers);
      await assertInOffice(subject.requestedBy, writesTo);
      const ids = Object.entries(requests).map(([step, request]) => [step, requestId(request, idKey)] as const);
      // Who becomes a HIDDEN member somewhere is not to be found by name.
      const isHidden = Object.values(requests).some(({ type }) => type === 'HIDDEN');
      return {
        proof,
        flowDigest: digestOf(subject.flow),
        subjectDigest,
        memberName: await nameOf(subject.member),
        serviceBearer,
        settings,
        requestIds: Object.fromEntries(ids),
        listedAs: listedAs({ memberArn: subject.member, requestedBy: subject.requestedBy, isHidden }, idKey),
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

const NOT_IN_OFFICE: Refusal = {
  code: 'NotInOffice',
  message: 'A flow writes in the name of the service bearer: who asks for it must hold an office on',
  field: 'requestedBy',
  accepted: 'a moderator of the channel or an admin of the app instance',
};
