/**
 * What a request is in at any moment: one state with exactly what that state has. A plain value that survives JSON, so that
 * the next run of the workflow goes on with it. Times are ISO 8601 where people read them, else ms since 1970.
 */
import type { Composition, Decision, Reason } from '../admission.ts';
import type { Approval } from '../approval/host.ts';
import type { Panel } from '../approval/panel.ts';
import type { UsedAssertion } from '../checked.ts';
import type { CommandId } from '../engine.ts';
import type { Facts } from '../facts.ts';
import type { Outcome } from '../outcome.ts';
import type { GrantRecord } from '../ownership.ts';
import type { JoinRequest } from '../request.ts';
import type { ListedAs } from '../search-attributes.ts';
import type { Settings } from '../settings.ts';
import type { Answers, AskedInput, Deed, Note, Override, RequestError, Term } from '../view.ts';
import type { Evaluation } from './evaluation.ts';

/** What the last admission said that is needed later. */
export interface Context {
  readonly settings: Settings;
  readonly serviceBearer: string;
  readonly listedAs: ListedAs;
  /** Who makes the call unless an approver does. */
  readonly executor: string | null;
  /** When the policies had answered. */
  readonly admittedAt: number;
  readonly validForMs: number;
  readonly term?: { readonly limitMs: number; readonly remindMs: readonly number[] };
}

/** What the policies said last, from which facts, and what that came to. */
export interface Judged {
  /** When they had answered, ISO 8601. What is known of the membership may be read anew later. */
  readonly at: string;
  readonly policyDigest: string;
  readonly requestDigest: string;
  readonly decisions: readonly Decision[];
  readonly facts: Facts;
  readonly composition: Composition;
  readonly context: Context;
}

/** Calls that may have been applied, though nobody heard of it; a membership that they made is ours. */
export interface Tried {
  readonly bearers: readonly string[];
  /** When the first of them was scheduled. */
  readonly firstScheduledAt: number;
}

/** Remembered so that nothing counts twice; it travels from run to run. */
export interface Memory {
  readonly usedAssertions: readonly UsedAssertion[];
  readonly reviewIds: readonly string[];
  /** How many events people were told of. */
  readonly told: number;
  /** How often the policies were asked. */
  readonly evaluations: number;
  readonly tried?: Tried;
  /** How often in a row the call waited until the policies' word was too old, and since when. */
  readonly rounds?: { readonly count: number; readonly since: number };
}

/** The membership as far as Chime told of it. */
export interface Made {
  readonly member: { readonly arn: string; readonly name?: string };
  readonly invitedBy?: string;
  readonly subChannelId?: string;
  /** What tells a membership of ours from any other. */
  readonly grant?: GrantRecord;
  /** When Chime last said that the member is there as the grant made it. */
  readonly seenAt?: string;
}

/** What every open state has. Optional here is what has not happened in every life. */
export interface Common {
  readonly id: string;
  readonly runId: string;
  /** Of the workflow's first run; another `runId` means that it continued, or was reset. */
  readonly firstRunId: string;
  readonly isChild: boolean;
  readonly request: JoinRequest;
  readonly requestedAt: string;
  /** Whether the requester proved who they are. */
  readonly requesterVerified?: boolean;
  readonly memory: Memory;
  readonly notes: readonly Note[];
  readonly answers: readonly Answers[];
  readonly override?: Override;
  readonly judged?: Judged;
  /** Lists show it before the first admission is concluded, so that other requests can see this one. */
  readonly early?: ListedAs;
  /** Where people were, while they are not asked: their reviews of the same digest count again. */
  readonly earlier?: Panel;
  /** When the request expires, counted from when it first had to wait. */
  readonly expiresAt?: string;
  /** Who makes, or made, the call, and when it was begun. */
  readonly called?: { readonly bearer?: string; readonly since: string };
  readonly made?: Made;
  readonly term?: Term;
  /** Somebody cancelled the workflow in Temporal while that could not count yet. */
  readonly cancelled?: true;
}

/** The policies are asked: for the first time, once more before the call, or after an incident. */
export interface Evaluating extends Common {
  readonly state: 'evaluating';
  readonly evaluation: Evaluation;
  /** They are asked no sooner. */
  readonly pauseUntil?: number;
}

/** Of each state that waits. While `evaluation` runs, only an ending of the request is heard. */
interface Waiting extends Common {
  readonly judged: Judged;
  readonly expiresAt: string;
  readonly evaluation?: Evaluation;
}

export interface WaitingForInput extends Waiting {
  readonly state: 'waitingForInput';
  readonly inputs: readonly AskedInput[];
}

export interface WaitingForTime extends Waiting {
  readonly state: 'waitingForTime';
  /** The policies are asked again then. */
  readonly until: string;
}

export interface WaitingForPeople extends Waiting {
  readonly state: 'waitingForPeople';
  readonly approval: Approval;
  /** The policies were asked after people had approved: what they approve now is granted at once. */
  readonly settled: boolean;
}

export interface Granting extends Common {
  readonly state: 'granting';
  readonly judged: Judged;
  readonly step: GrantStep;
  /** Who decided last. */
  readonly completedBy?: string;
  /** When the step's activity was scheduled; from then on it cannot be taken back. */
  readonly startedAt?: number;
}

export type GrantStep =
  | { readonly at: 'call'; readonly bearer: string }
  /** Whether an attempt that nobody heard of was applied after all. */
  | {
      readonly at: 'look';
      readonly bearer: string;
      readonly error: RequestError;
      readonly tooOld: boolean;
      readonly firstScheduledAt: number;
    }
  /** The policies found the member there: whether an attempt of ours made the membership. */
  | { readonly at: 'claim' }
  /** The membership is there: what tells it from a later one. `before`: its term, where a run before a reset granted it. */
  | { readonly at: 'describe'; readonly made: Made; readonly before?: Term };

interface Held extends Common {
  readonly state: 'incident';
  readonly judged: Judged;
  readonly at: string;
  readonly error: RequestError;
  /** After this nobody waits any more, and the request fails. */
  readonly dueAt: string;
}

/** What people had approved could not be done. */
export interface GrantIncident extends Held {
  readonly during: 'grant';
}

/** A membership is there that could not be removed, or something about it failed: then there is no `reason`. */
export interface RemovalIncident extends Held {
  readonly during: 'removal';
  readonly made: Made;
  readonly term: Term;
  readonly reason?: Reason;
  readonly extension?: Extension;
}

export interface Active extends Common {
  readonly state: 'active';
  readonly judged: Judged;
  readonly made: Made;
  readonly term: Term;
  readonly extension?: Extension;
  readonly task?: ActiveTask;
  /** Who wants to know whether the member is still there. */
  readonly looks: readonly CommandId[];
  /** A quick look failed in a way that may pass. */
  readonly looksFirmly?: true;
}

/** What a longer term is asked for with, before anybody was asked about it. */
export interface AskedExtension extends Deed {
  /** How long the membership would last andThen, from its start, in ms. */
  readonly ms: number;
  readonly reason?: string;
}

/** A longer term that people are asked about, and what it was judged by. */
export interface Extension extends AskedExtension {
  readonly decisions: readonly Decision[];
  readonly facts: Facts;
  readonly composition: Composition;
  readonly approval: Approval;
  /** The policies were asked after people had approved: what they approve now counts at once. */
  readonly settled?: true;
}

/** One thing at a time is done about a membership that lasts; an ending alone comes between. */
export type ActiveTask =
  | { readonly kind: 'evaluate'; readonly evaluation: Evaluation }
  /** Looks whether the member is still there before something is done about the membership. */
  | { readonly kind: 'look'; readonly n: number; readonly before: LookBefore };

export type LookBefore =
  | { readonly what: 'remind' }
  | {
      readonly what: 'extend';
      readonly replyTo: CommandId;
      readonly asked: AskedExtension;
      readonly holdsRole: boolean;
    }
  | { readonly what: 'settle' };

export interface Removing extends Common {
  readonly state: 'removing';
  readonly judged: Judged;
  readonly made: Made;
  readonly term: Term;
  readonly reason: Reason;
}

/** How a request ends. */
export interface End {
  readonly outcome: Outcome;
  readonly reason?: Reason;
  readonly error?: RequestError;
}

/** Ends a request that granted nothing, once it is known that no run before a reset had. */
export interface Closing {
  readonly state: 'closing';
  readonly was: Open & { readonly judged: Judged };
  readonly end: End;
}

export interface Closed extends End {
  readonly state: 'closed';
  /** Where it stood when it was closed. */
  readonly was: Open;
  readonly closedAt: string;
}

export type Waits = WaitingForInput | WaitingForTime | WaitingForPeople;
export type Incident = GrantIncident | RemovalIncident;
export type Open = Evaluating | Waits | Granting | Incident | Active | Removing;
export type State = Open | Closing | Closed;
