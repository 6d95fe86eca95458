import { endOfWait } from './deadlines.ts';
import type { BoundInput, BoundRequirement, Composition, Decision, Reason } from './admission.ts';
import type { Panel, Progress, Review } from './approval/panel.ts';
import type { Eligible, Facts } from './facts.ts';
import type { Outcome, State } from './outcome.ts';
import type { GrantRecord } from './ownership.ts';
import type { JoinRequest } from './request.ts';
import { requirementText } from './requirement.ts';
import { isInOffice, isTold, maySeeMember, toldBinding, toldError, toldReason } from './told.ts';

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

/** Who did something, when (ISO 8601), and whether they proved who they are. */
export interface Deed {
  readonly by: string;
  readonly at: string;
  readonly verified: boolean;
}

/** Answers to what a policy asked of the requester. */
export interface Answers extends Deed {
  readonly binding: string;
  readonly answers: Readonly<Record<string, unknown>>;
}

export interface Override extends Deed {
  readonly reason: string;
  readonly ticket: string;
}

/** What a policy asks of the requester, until when (ISO 8601). */
export interface AskedInput extends BoundInput {
  readonly dueAt: string;
}

/** Something that only an operator can mend: what people had approved could not be done, or a removal failed. */
export interface Incident {
  readonly at: string;
  readonly during: 'grant' | 'removal';
  readonly error: RequestError;
  /** After this nobody waits any more, and the request fails. */
  readonly dueAt: string;
}

/** A membership that ends by itself. */
export interface Term {
  readonly startedAt: string;
  readonly endsAt: string;
  /** The longest that policies allow, from the start, in ms; none where no policy limits it. */
  readonly limitMs?: number;
  /** When its end is announced, ISO 8601, in order; those that were are taken out. */
  readonly remindAt: readonly string[];
  /** People approved its length, or an office holder set it: it gets longer only if somebody else agrees. */
  readonly decided?: true;
}

/** A longer term that was asked for; it goes through the policies, and may need approvals. */
export interface Extension extends Deed {
  /** How long the membership would last then, from its start, in ms. */
  readonly ms: number;
  readonly reason?: string;
  /** What the policies said of it, from which facts, and what that came to. */
  readonly decisions: readonly Decision[];
  readonly facts: Facts;
  readonly composition: Composition;
  readonly panel: Panel;
}

/** A membership that was ended after its request had closed, by a workflow of its own (`id`). */
export interface Revocation extends Deed {
  readonly id: string;
  readonly reason: string;
  readonly state: 'removing' | 'removed' | 'gone' | 'notOurs' | 'failed';
  readonly error?: RequestError;
}

/** What happened to a request besides reviews, for people who look at it later. The oldest go first where there are many. */
export type Note = Deed & { readonly what: string; readonly reason?: string };

/** What time does next to end a wait. */
export interface Deadline {
  readonly at: string;
  /** In sentences, for people; they may name bindings and stages. */
  readonly what: string;
}

/** Everything there is to know about one request: the answer of the query `state`, and the result of the workflow. */
export interface RequestView {
  readonly id: string;
  readonly runId: string;
  readonly request: JoinRequest;
  /** SHA-256 of the request's canonical JSON. */
  readonly requestDigest?: string;
  /** Of what is under review now, the request or a longer term: reviews are bound to it. None while nothing is. */
  readonly reviewDigest?: string;
  /** Whether the requester proved who they are. */
  readonly requesterVerified?: boolean;
  readonly state: State;
  /** What a pending request waits for. */
  readonly waitsFor?: 'input' | 'time' | 'people';
  /** `null` while the request is open. */
  readonly outcome: Outcome | null;
  readonly reason?: Reason;
  readonly policyDigest?: string;
  readonly decisions: readonly Decision[];
  /** When the policies had said that. */
  readonly judgedAt?: string;
  /** What the decisions came to. */
  readonly composition?: Composition;
  readonly facts: Facts;
  readonly requirements: readonly BoundRequirement[];
  readonly progress: readonly Progress[];
  /** All reviews, also those that do not count. */
  readonly approvals: readonly Review[];
  /** Where people are with the requirements, in full. */
  readonly panel?: Panel;
  /** What the requester still has to answer. */
  readonly inputs: readonly AskedInput[];
  readonly answers: readonly Answers[];
  /** Until when the policies want to wait before they are asked again. */
  readonly deferredUntil?: string;
  readonly override?: Override;
  readonly incident?: Incident;
  readonly term?: Term;
  readonly grant?: GrantRecord;
  /** When Chime last said that the member is there as the grant made it. */
  readonly seenAt?: string;
  /** How the membership was ended after the request had closed; told by `show`, which looks for it. */
  readonly revocation?: Revocation;
  readonly extension?: Extension;
  readonly notes: readonly Note[];
  /** ISO 8601, as all times here. */
  readonly requestedAt: string;
  /** When what it waits for now ends by itself. */
  readonly deadline?: Deadline;
  /** When the whole request expires, if nothing ends it before. */
  readonly expiresAt?: string;
  readonly closedAt?: string;
  /** Who makes, or made, the call, and when it was begun. */
  readonly bearer?: string;
  readonly calledSince?: string;
  readonly member?: { readonly arn: string; readonly name?: string };
  readonly subChannelId?: string;
  readonly invitedBy?: string;
  readonly error?: RequestError;
}

/** A request of which nothing is known yet but that it was made. */
export function newView(made: Pick<RequestView, 'id' | 'runId' | 'request' | 'requestedAt'>): RequestView {
  return {
    ...made,
    state: 'evaluating',
    outcome: null,
    decisions: [],
    facts: {},
    requirements: [],
    progress: [],
    approvals: [],
    inputs: [],
    answers: [],
    notes: [],
  };
}

/** Where people are asked now: for the membership, or, while it lasts, for a longer one. */
export function activePanel({ state, panel, extension }: RequestView): Panel | undefined {
  return state === 'active' ? extension?.panel : panel;
}

/** What the requester is told: codes that may be told, and approvers by role and number, never by name. */
export interface Answer {
  readonly id: string;
  readonly runId: string;
  readonly state: State;
  readonly waitsFor?: NonNullable<RequestView['waitsFor']>;
  readonly outcome: Outcome | null;
  readonly reason?: Omit<Reason, 'visibility'>;
  readonly decisions: readonly Pick<
    Decision,
    'binding' | 'policy' | 'evaluation' | 'action' | 'code' | 'message' | 'field'
  >[];
  readonly waitingFor: readonly {
    readonly approve: number;
    readonly approved: number;
    /** What is asked for, in words: by role and number. */
    readonly text: string;
  }[];
  readonly inputs: readonly AskedInput[];
  readonly deferredUntil?: string;
  readonly eligible?: Omit<Eligible, 'people'>;
  /** When what it waits for now ends by itself. */
  readonly deadline?: Deadline;
  readonly expiresAt?: string;
  readonly term?: Pick<Term, 'startedAt' | 'endsAt'>;
  readonly member?: RequestView['member'];
  readonly subChannelId?: string;
  readonly invitedBy?: string;
  readonly error?: RequestError;
  /** What was asked now, but not taken: a request was open already, and goes on as it was asked first. */
  readonly notTaken?: readonly string[];
}

/** The view without what the requester must not learn: `told.ts` says what that is, unless they hold an office there. */
export function answerFor(view: RequestView): Answer {
  const { id, runId, state, outcome, term } = view;
  const reason = toldReason(view);
  const mayName = (binding: string) => toldBinding(binding, view) === binding;
  const isWithheld = view.requirements.some(({ binding }) => !mayName(binding));
  const deadline = isWithheld ? endOfWait(view, mayName) : view.deadline;
  return {
    id,
    runId,
    state,
    outcome,
    ...(reason ? { reason } : {}),
    decisions: view.decisions
      .filter((decision) => isTold(decision, view))
      .map((d) => pick(d, ['binding', 'policy', 'evaluation', 'action', 'code', 'message', 'field'])),
    waitingFor: state === 'pending' ? waitingFor(view) : [],
    inputs: state === 'pending' ? view.inputs : [],
    ...(state === 'pending' ? pick(view, ['waitsFor', 'deferredUntil']) : {}),
    ...(deadline ? { deadline } : {}),
    ...pick(view, ['expiresAt', ...(maySeeMember(view) ? SEEN : [])]),
    ...(term ? { term: pick(term, ['startedAt', 'endsAt']) } : {}),
    ...(view.error ? { error: toldError(view.error, view) } : {}),
    ...(state === 'pending' && view.facts.approvers && isInOffice(view)
      ? { eligible: numbersOf(view.facts.approvers.value) }
      : {}),
  };
}

/** What Chime tells of a membership to those who may look at it. */
const SEEN = ['member', 'subChannelId', 'invitedBy'] as const;

function numbersOf({ channel_moderator, app_instance_admin, total }: Eligible): Omit<Eligible, 'people'> {
  return { channel_moderator, app_instance_admin, total };
}

/** Whether a ban or a HIDDEN membership is behind how a request ended: moderators and admins alone may hear of it. */
export function isConfidential({ reason, error }: Pick<RequestView, 'reason' | 'error'>): boolean {
  return reason?.visibility === 'opaque' || error?.type === 'OtherMembershipType';
}

function waitingFor(view: RequestView): Answer['waitingFor'] {
  const { requirements, progress } = view;
  const told = requirements.filter(({ binding }) => toldBinding(binding, view) === binding);
  if (told.length === 0 && requirements.length > 0) return [SOMEBODY];
  return told.map((requirement) => {
    const open = progress.find(({ binding, status }) => binding === requirement.binding && status === 'open');
    return { approve: open?.approve ?? 0, approved: open?.approvedBy.length ?? 0, text: requirementText(requirement) };
  });
}

/** Where it would tell too much who is asked. */
const SOMEBODY = { approve: 0, approved: 0, text: 'people have to decide' };

/** The named fields that are there. */
function pick<T extends object, K extends keyof T>(value: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.flatMap((key) => (value[key] === undefined ? [] : [[key, value[key]]]))) as Pick<T, K>;
}
