import type { Panel } from '../approval/panel.ts';
import type { JoinRequest } from '../request.ts';
import type { GrantRecord } from '../ownership.ts';
import type { Deed, Note, RequestError } from '../view.ts';
import type { Flow } from './flow.ts';
import type { OnboardingSubject } from './input.ts';
import type { StepStatus } from './step-status.ts';

/** `ending`: joins that are open are withdrawn, and grants are removed where that is wanted. */
export const ONBOARDING_STATES = ['preparing', 'running', 'paused', 'incident', 'ending', 'closed'] as const;
export type OnboardingState = (typeof ONBOARDING_STATES)[number];

/** `stopped`: a step failed, and what had been granted was removed. */
export const ONBOARDING_OUTCOMES = ['completed', 'stopped', 'cancelled', 'failed'] as const;
export type OnboardingOutcome = (typeof ONBOARDING_OUTCOMES)[number];

/** The request that a join step made. */
export interface Child {
  readonly id: string;
  /** Of its first run: a later request may have the same id. */
  readonly firstRunId: string;
  /** `active`: joined, and its term is running. */
  readonly state: 'open' | 'active' | 'closed';
  readonly outcome?: string | null;
  /** Nobody waits for it any more: it is to be taken back. */
  readonly withdraw?: 'wanted' | 'asked';
  /** It said that something changed. */
  readonly look?: true;
}

/** Where one step stands. Times are ISO 8601. */
export interface StepState {
  readonly id: string;
  readonly status: StepStatus;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly dueAt?: string;
  /** When people are reminded, in order; what is past is taken out. */
  readonly remindAt: readonly string[];
  /** When a wait is over. */
  readonly until?: string;
  /** How often it was tried before, and when it is tried again by itself. */
  readonly tries: number;
  readonly retryAt?: string;
  readonly child?: Child;
  readonly answers?: Deed & { readonly answers: Readonly<Record<string, unknown>> };
  readonly panel?: Panel;
  readonly error?: RequestError;
  /** Who skipped it. */
  readonly skippedBy?: Deed & { readonly reason: string };
}

/** A membership that this onboarding made; `settled`: what became of it when it was to be removed. */
export interface Grant {
  readonly step: string;
  readonly request: JoinRequest;
  readonly grant: GrantRecord;
  readonly settled?: 'removed' | 'gone' | 'notOurs' | 'kept';
}

/** What only an operator can mend: a step that says `hold` failed, or a removal. */
export interface StepIncident {
  readonly step: string;
  readonly during: 'step' | 'removal';
  readonly at: string;
  readonly error: RequestError;
  /** After this nobody waits any more, and the onboarding fails. */
  readonly dueAt: string;
}

export interface Ending {
  readonly outcome: 'stopped' | 'cancelled' | 'failed';
  readonly compensate: boolean;
  readonly reason: string;
  /** Who wanted it; nobody where a step failed. */
  readonly by?: Deed;
}

/** Everything there is to know about one onboarding. A plain value: it travels with continue-as-new. */
export interface OnboardingRecord {
  readonly id: string;
  readonly runId: string;
  /** With its params put in; until it is prepared, nothing but its name. */
  readonly flow: Flow;
  /** Of the flow as the worker that prepared it has it. */
  readonly flowDigest?: string;
  /** Of the name of the flow, params, member and requester: what proofs of commands are about, and what they name beside a step. */
  readonly subjectDigest?: string;
  readonly member: { readonly arn: string; readonly id: string; readonly name: string };
  readonly requestedBy: string;
  readonly requesterVerified?: boolean;
  readonly params: Readonly<Record<string, string>>;
  readonly state: OnboardingState;
  readonly outcome: OnboardingOutcome | null;
  readonly steps: readonly StepState[];
  /** In the order in which they were made. */
  readonly grants: readonly Grant[];
  readonly pausedAt?: string;
  readonly incident?: StepIncident;
  readonly ending?: Ending;
  readonly notes: readonly Note[];
  readonly requestedAt: string;
  readonly closedAt?: string;
  readonly error?: RequestError;
}

/** The same with what follows from it: the answer of the query `state`, and the result of the workflow. */
export interface OnboardingView extends OnboardingRecord {
  /** How many of its steps have ended, of a hundred; it never goes back. */
  readonly percent: number;
  /** What `subjectDigest` is of, while it is prepared: who cancels an onboarding by then signs its digest as well. */
  readonly subject?: OnboardingSubject;
  /** The workflow ids of the requests that its join steps make, by step. */
  readonly requestIds?: Readonly<Record<string, string>>;
  /** The next time at which something happens by itself, and what. */
  readonly next?: Next;
  /** Of the approval step that is open, since it was opened: reviews are bound to it. */
  readonly reviewDigest?: string;
}

export interface Next {
  readonly at: string;
  readonly what: string;
}
