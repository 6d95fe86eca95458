import type { BoundRequirement, Composition, Decision, Reason } from './admission.ts';
import type { Progress, Review } from './approval.ts';
import { inOffice } from './facts.ts';
import type { ApproverRole, Facts } from './facts.ts';
import type { Outcome, State } from './outcome.ts';
import type { JoinRequest } from './request.ts';

/** A failure as people and programs read it: `type` is the exception's name. */
export interface RequestError {
  readonly type: string;
  readonly message: string;
  readonly requestId?: string;
  readonly hint?: string;
  /** The field of the request that is to blame, and what it accepts, when the request is invalid. */
  readonly field?: string;
  readonly accepted?: string;
}

/** Everything there is to know about one request: the answer of the query `state`, and the result of the workflow. */
export interface RequestView {
  readonly id: string;
  readonly runId: string;
  readonly request: JoinRequest;
  readonly state: State;
  /** `null` while the request is open. */
  readonly outcome: Outcome | null;
  readonly reason?: Reason;
  readonly policyDigest?: string;
  readonly decisions: readonly Decision[];
  /** What the decisions came to. */
  readonly composition?: Composition;
  readonly facts: Facts;
  readonly requirements: readonly BoundRequirement[];
  readonly progress: readonly Progress[];
  readonly approvals: readonly Review[];
  /** ISO 8601, as all times here. */
  readonly requestedAt: string;
  readonly dueAt?: string;
  readonly closedAt?: string;
  /** Who makes, or made, the call. */
  readonly bearer?: string;
  readonly member?: { readonly arn: string; readonly name?: string };
  readonly subChannelId?: string;
  readonly invitedBy?: string;
  readonly error?: RequestError;
}

/** What the requester is told: codes that may be told, and approvers by role and number, never by name. */
export interface Answer {
  readonly id: string;
  readonly runId: string;
  readonly state: State;
  readonly outcome: Outcome | null;
  readonly reason?: Omit<Reason, 'visibility'>;
  readonly decisions: readonly Pick<
    Decision,
    'binding' | 'policy' | 'evaluation' | 'action' | 'code' | 'message' | 'field'
  >[];
  readonly waitingFor: readonly {
    readonly approve: number;
    readonly approved: number;
    readonly roles: readonly ApproverRole[];
  }[];
  readonly eligible?: Record<ApproverRole | 'total', number>;
  readonly dueAt?: string;
  readonly member?: RequestView['member'];
  readonly subChannelId?: string;
  readonly invitedBy?: string;
  readonly error?: RequestError;
}

const WITHHELD = { code: 'NOT_ADMITTED', message: 'This request is not admitted.' };

/** The view without what the requester must not learn (bans, HIDDEN memberships), unless they hold an office there. */
export function answerFor(view: RequestView): Answer {
  const told = inOffice(view.facts['requester.role']?.value);
  const { id, runId, state, outcome, reason } = view;
  return {
    id,
    runId,
    state,
    outcome,
    ...(reason ? { reason: tell(reason, told) } : {}),
    decisions: toldDecisions(view, told).map((d) =>
      pick(d, ['binding', 'policy', 'evaluation', 'action', 'code', 'message', 'field']),
    ),
    waitingFor: state === 'pending' ? waitingFor(view) : [],
    ...pick(view, ['dueAt', 'member', 'subChannelId', 'invitedBy']),
    ...(view.error ? { error: tellError(view.error, told) } : {}),
    ...(state === 'pending' && view.facts.approvers ? { eligible: view.facts.approvers.value } : {}),
  };
}

function tell({ visibility, ...reason }: Reason, told: boolean): Omit<Reason, 'visibility'> {
  return told || visibility === 'full' ? reason : { ...WITHHELD, binding: 'withheld' };
}

function isOpaque({ visibility }: Decision): boolean {
  return visibility === 'opaque';
}

/** What one policy does not find tells what another one found: where anything is withheld, only what speaks for itself is told. */
function toldDecisions({ decisions, reason }: RequestView, told: boolean): readonly Decision[] {
  if (told || !(reason?.visibility === 'opaque' || decisions.some(isOpaque))) return decisions;
  return decisions.filter((decision) => !isOpaque(decision) && decision.evaluation !== 'notApplicable');
}

/** Chime may tell of a HIDDEN membership only while the call is made. */
function tellError(error: RequestError, told: boolean): RequestError {
  if (told || error.type !== 'OtherMembershipType') return error;
  return { type: WITHHELD.code, message: WITHHELD.message };
}

function waitingFor(view: RequestView): Answer['waitingFor'] {
  return view.requirements.map(({ binding, approve, approvers }) => ({
    approve,
    approved: view.progress.find((one) => one.binding === binding)?.approvedBy.length ?? 0,
    roles: approvers.roles,
  }));
}

/** The named fields that are there. */
function pick<T extends object, K extends keyof T>(value: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.flatMap((key) => (value[key] === undefined ? [] : [[key, value[key]]]))) as Pick<T, K>;
}
