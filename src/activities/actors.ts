import { cancellationSignal } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Actor, Proof } from '../domain/actor.ts';
import { isUser } from '../domain/arn.ts';
import { isRefusal } from '../domain/refusal.ts';
import type { Refusal } from '../domain/refusal.ts';
import { isAmong, ROSTER_LIMIT } from '../domain/requirement.ts';
import type { Approvers, Candidate } from '../domain/requirement.ts';
import { digestOf } from '../identity/digest.ts';
import type { Prover } from '../identity/prover.ts';
import { namedIssue } from '../policies/requirement-check.ts';
import { candidateOf, candidates, candidatesOf } from '../policies/roster.ts';
import type { Measure } from '../policies/roster.ts';
import { requiredBearer, chimeFailure } from './chime-failure.ts';
import { measureOf, factsFor, type Sought, type FactSources } from './facts.ts';

export interface VerifyCall {
  readonly actor: Actor;
  /** The name of the update. */
  readonly command: string;
  readonly workflowId: string;
  /** The command without its actor. */
  readonly payload: unknown;
  /** What the command is about, and the digest over: as the workflow has it now. */
  readonly subject: unknown;
  /** When the request was asked for, ISO 8601. */
  readonly requestedAt: string;
  /** Whose standing is asked for, on the request's channel; `admin`: only whether they are one; `null`: only the proof. */
  readonly standing: Sought | 'admin' | null;
}

export interface Verified extends Proof {
  /** What the actor holds now: offices of Chime, and those roles of our own that are asked for. Empty for a bot. */
  readonly roles: readonly string[];
  /** The expressions among those asked for that are true for the actor. */
  readonly matched: readonly string[];
  readonly requestDigest: string;
}

export interface RosterCall extends Sought {
  /** Whom a command names just now, among `approvers`: a slip of the pen there is no outage. */
  readonly to?: Approvers;
}

export interface VerifyDependencies extends FactSources {
  readonly prover: Prover;
}

export function createActorActivities({ prover, ...sources }: VerifyDependencies) {
  /** Offices are never taken from a memory here. */
  async function standingOf(principal: string, measure: Measure): Promise<Candidate> {
    // Bots never review, whatever they hold.
    if (!isUser(principal)) return { arn: principal, roles: [], matched: [] };
    const { channelArn } = measure.request;
    const scope = { channelArn, bearer: requiredBearer(channelArn, sources.bearers), signal: cancellationSignal() };
    const roles = await sources.facts.offices(principal, scope).catch((error: unknown) => {
      throw chimeFailure(error);
    });
    return candidateOf({ arn: principal, roles }, measure);
  }

  async function heldBy(principal: string, standing: VerifyCall['standing']): Promise<Candidate> {
    const nothing = { arn: principal, roles: [], matched: [] };
    if (standing === null) return nothing;
    if (standing !== 'admin') return standingOf(principal, await measureOf(standing, sources.own.read));
    // Of their app instance: that needs no channel.
    const isAdmin = await sources.facts.isAdmin(principal, cancellationSignal()).catch((error: unknown) => {
      throw chimeFailure(error);
    });
    return isUser(principal) && isAdmin ? { ...nothing, roles: ['app_instance_admin'] } : nothing;
  }

  /** Everybody who could review: users only, no party of the request, and at most 500. */
  async function readRoster({ to, ...sought }: RosterCall): Promise<readonly Candidate[]> {
    const issue = to && (await namedIssue(to, sources.own));
    if (issue) throw ApplicationFailure.nonRetryable(issue.message, issue.code, issue);
    const [measure, { approvers: eligible }] = await Promise.all([
      measureOf(sought, sources.own.read),
      factsFor(sought.request, sources, { fresh: true, askedBy: sought.askedBy })(['approvers']),
    ]);
    const may = (person: Candidate) => sought.approvers.some((some) => isAmong(some, person));
    const people = await candidates(eligible?.value.people ?? [], measure);
    return people.filter(may).slice(0, ROSTER_LIMIT);
  }

  return {
    readRoster,

    /** The same, with the digest of what they are to review. */
    async openReview({ subject, ...sought }: Sought & { readonly subject: unknown }) {
      return { people: await readRoster(sought), reviewDigest: digestOf(subject) };
    },

    /** Whether the actor of a command is who they say, and what they hold on the channel now, if that is asked for. */
    async verifyActor({ actor, subject, standing, ...about }: VerifyCall): Promise<Verified | Refusal> {
      const requestDigest = digestOf(subject);
      const proof = await prover.prove(actor, { ...about, requestDigest });
      if (isRefusal(proof)) return proof;
      const { roles, matched } = await heldBy(actor.principal, standing);
      return { ...proof, roles, matched, requestDigest };
    },

    /** What earlier reviewers hold at this moment, in the order of `principals`: two lists, however many they are. */
    async confirmStandings({ principals, ...sought }: Sought & { readonly principals: readonly string[] }) {
      const [measure, { moderators, admins }] = await Promise.all([
        measureOf(sought, sources.own.read),
        factsFor(sought.request, sources, { fresh: true })(['moderators', 'admins']),
      ]);
      // Bots never review, whatever they hold.
      const people = principals.filter(isUser).map((arn) => ({
        arn,
        roles: [
          ...(moderators?.value.includes(arn) ? ['channel_moderator'] : []),
          ...(admins?.value.includes(arn) ? ['app_instance_admin'] : []),
        ],
      }));
      const found = new Map((await candidatesOf(people, measure)).map((one) => [one.arn, one]));
      return principals.map((arn): Candidate => found.get(arn) ?? { arn, roles: [], matched: [] });
    },
  };
}
