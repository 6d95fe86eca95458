import type { Actor } from '../actor.ts';
import type { Approval } from '../approval/host.ts';
import type { UsedAssertion } from '../checked.ts';
import type { GrantRecord } from '../ownership.ts';
import type { JoinRequest } from '../request.ts';
import type { ListedAs } from '../search-attributes.ts';
import type { Settings } from '../settings.ts';
import type { Deed, Note, RequestError } from '../view.ts';
import type { Flow } from './flow.ts';
import type { OnboardingSubject } from './input.ts';

/** `ending`: requests that are open are withdrawn, and grants are removed where that is wanted. */
export const ONBOARDING_STATES = ['preparing', 'running', 'paused', 'incident', 'ending', 'closed'] as const;
export type OnboardingState = (typeof ONBOARDING_STATES)[number];

/** `stopped`: a step failed, and what had been granted was removed. */
export const ONBOARDING_OUTCOMES = ['completed', 'stopped', 'cancelled', 'failed'] as const;
export type OnboardingOutcome = (typeof ONBOARDING_OUTCOMES)[number];

/**
 * Everything there is to know about one onboarding, as a plain value: it goes from run to run as JSON. Times are ISO 8601.
 */
export type State = Preparing | Running | Paused | Incident | Ending | Closed;

/** A state in which its steps are known, and it is not over. */
export type Underway = Running | Paused | Incident | Ending;

/** Known from the start. */
export interface Asked {
  readonly subject: OnboardingSubject;
  readonly id: string;
  readonly runId: string;
  /** Of the first run: it names events and messages. */
  readonly firstRunId: string;
  readonly requestedAt: string;
  readonly notes: readonly Note[];
  /** Each assertion proves one command, once. */
  readonly assertions: readonly UsedAssertion[];
  /** Number of events that were sent. */
  readonly events: number;
}

/** Its steps, with what was found before the first of them. */
export interface Course {
  /** With its params put in. */
  readonly flow: Flow;
  readonly params: Readonly<Record<string, string>>;
  /** Of the flow as the worker that prepared it has it. */
  readonly flowDigest: string;
  /** Of the name of the flow, params, member and requester: what proofs of commands are about, and what they name beside a step. */
  readonly subjectDigest: string;
  readonly requesterVerified: boolean;
  readonly memberName: string;
  readonly settings: Settings;
  readonly serviceBearer: string;
  /** The workflow ids of the requests that its join steps make, by step. */
  readonly requestIds: Readonly<Record<string, string>>;
  /** Its people, as Temporal's lists may show them. */
  readonly listedAs: ListedAs;
  /** In the order of the flow. */
  readonly steps: readonly StepState[];
  /** In the order in which they were made. */
  readonly grants: readonly Grant[];
}

export interface Preparing extends Asked {
  readonly state: 'preparing';
  readonly actor?: Actor;
}

interface Prepared extends Asked {
  readonly course: Course;
}

export interface Running extends Prepared {
  readonly state: 'running';
}

/** Times stand still. */
export interface Paused extends Prepared {
  readonly state: 'paused';
  readonly pausedAt: string;
}

/** An operator has to act: a step that says `hold` failed, or a removal. */
export interface Incident extends Prepared {
  readonly state: 'incident';
  readonly step: string;
  readonly at: string;
  readonly error: RequestError;
  /** The onboarding fails then. */
  readonly dueAt: string;
  /** A step can be tried again or skipped; a removal, too, and then the ending goes on. */
  readonly during: { readonly what: 'step' } | { readonly what: 'removal'; readonly ending: End };
}

export interface Ending extends Prepared {
  readonly state: 'ending';
  readonly ending: End;
}

export interface Closed extends Asked {
  readonly state: 'closed';
  readonly closedAt: string;
  readonly result: Result;
  /** `null`: it was never prepared. */
  readonly course: Course | null;
  /** `null`: it came to its end, or nobody could prepare it. */
  readonly ending: End | null;
}

export type Result =
  | { readonly outcome: 'completed' | 'cancelled' }
  | { readonly outcome: 'stopped' | 'failed'; readonly error: RequestError };

/** Why and how it ends before its last step. */
export type End = {
  /** The memberships that it made are removed. */
  readonly compensate: boolean;
  readonly reason: string;
} & (
  | { readonly outcome: 'cancelled'; /** `null`: somebody cancelled it in Temporal. */ readonly by: Deed | null }
  | { readonly outcome: 'stopped' | 'failed'; readonly error: RequestError }
);

/** Where one step stands. */
export type StepState = { readonly id: string } & (
  | { readonly status: 'future' }
  /** At most one. */
  | { readonly status: 'now'; readonly opening: Opening }
  | { readonly status: 'done'; readonly opening: Opening; readonly endedAt: string; readonly answers: Answered | null }
  | {
      readonly status: 'skipped';
      /** `null`: it had not begun. */
      readonly opening: Opening | null;
      readonly endedAt: string;
      readonly skippedBy: Deed & { readonly reason: string };
    }
  /** It failed, and the flow went on or ended. */
  | { readonly status: 'failed'; readonly opening: Opening; readonly endedAt: string; readonly error: RequestError }
  /** Its condition was false. */
  | { readonly status: 'notNeeded'; readonly endedAt: string }
);

export type Answered = Deed & { readonly answers: Readonly<Record<string, unknown>> };

/** A step since it began, or since an operator had it tried again. */
export interface Opening {
  readonly startedAt: string;
  /** The step fails then. */
  readonly dueAt: string | null;
  /** When people are reminded, in order; what is past is taken out. */
  readonly remindAt: readonly string[];
  /** When a wait is over. */
  readonly until: string | null;
  /** Number of earlier tries. */
  readonly tries: number;
  /** `retryAt`: when it is tried again by itself. */
  readonly failure: { readonly error: RequestError; readonly retryAt: string | null } | null;
  /** Of a join: its request. */
  readonly child: Child | null;
  /** Of an approval, once it is known who may review. */
  readonly approval: Approval | null;
}

/** The request that a join step made. */
export type Child =
  | {
      /** Being started. */
      readonly state: 'starting';
      readonly id: string;
      readonly withdraw: 'wanted' | null;
      readonly look: 'wanted' | null;
    }
  | KnownChild;

interface KnownChild {
  /** `active`: joined, and its term is running. */
  readonly state: 'open' | 'active' | 'closed';
  readonly id: string;
  /** Of its first run: a later request may have the same id. */
  readonly firstRunId: string;
  /** The run of the onboarding that hears from the server how it ends. */
  readonly heardBy: string;
  /** None before it was read. */
  readonly outcome?: string | null;
  /** It is to be taken back. */
  readonly withdraw: 'wanted' | 'asked' | null;
  /** It said that something changed. `again`: perhaps after it was looked at. */
  readonly look: 'wanted' | 'again' | null;
}

/** A membership that this onboarding made; `settled`: what became of it when it was to be removed. */
export interface Grant {
  readonly step: string;
  readonly request: JoinRequest;
  readonly grant: GrantRecord;
  readonly settled: Settled | 'kept' | null;
}

/** The result of a removal. */
export type Settled = 'removed' | 'gone' | 'notOurs';
