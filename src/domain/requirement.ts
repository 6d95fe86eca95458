/** The offices that Chime itself knows. Any other role is the name of a fact that a policy provides: a list of user ARNs. */
export const CHIME_ROLES = ['channel_moderator', 'app_instance_admin'] as const;
export type ChimeRole = (typeof CHIME_ROLES)[number];

/**
 * Who may review: the named users and whoever holds one of the roles, narrowed by a CEL expression over `reviewer`
 * (`arn`, `roles`) and `request`. An expression alone narrows all moderators and admins. The requester, the member and
 * the bearer are excluded always.
 */
export interface Approvers {
  readonly users?: string[];
  readonly roles?: string[];
  readonly expression?: string;
  readonly exclude?: string[];
}

/** One way to decide a stage; among several, the first that is reached counts, and a denial before an approval. */
export interface Threshold {
  readonly approve: number;
  readonly deny: number;
  /** Of the stage's approvers, whose reviews count here; all where nothing is said. */
  readonly approvers?: Approvers;
}

/** What happens by itself, `at` a time after the stage began. */
export type TimedAction =
  | { readonly at: string; readonly do: 'remind' }
  /** More people may review; with `instead`, they and nobody else. */
  | { readonly at: string; readonly do: 'escalate'; readonly to: Approvers; readonly instead: boolean }
  | { readonly at: string; readonly do: 'deny' }
  | { readonly at: string; readonly do: 'approve' }
  /** The stage, and the whole request, may take longer. */
  | { readonly at: string; readonly do: 'extend'; readonly by: string };

export interface Stage {
  readonly name: string;
  readonly approvers: Approvers;
  /** Alternatives: one of them decides. */
  readonly anyOf: Threshold[];
  /** Who reviews where fewer people than needed could. */
  readonly fallback?: Approvers;
  /** What it means if nobody can decide, the fallback included. */
  readonly outcomeIfNoApprovers: 'deny' | 'approve';
  /** After this the stage is overdue and the request expires, unless a timed action says otherwise. */
  readonly dueIn?: string;
  readonly timedActions: TimedAction[];
  /** Whether a review needs a comment. */
  readonly justification: 'required' | 'optional';
}

/** Whose approvals are asked for: stages in order, each with its own people, thresholds and times. */
export interface Requirement {
  readonly stages: Stage[];
  /** Bindings for whose requirements other people have to decide: who counts there does not count here. */
  readonly distinctFrom?: string[];
}

/** Every description of people that a requirement holds, also those who come in later. */
export function approversIn({ stages }: Requirement): Approvers[] {
  return stages.flatMap(({ approvers, anyOf, fallback, timedActions }) => [
    approvers,
    ...anyOf.flatMap((threshold) => threshold.approvers ?? []),
    ...(fallback ? [fallback] : []),
    ...timedActions.flatMap((action) => (action.do === 'escalate' ? [action.to] : [])),
  ]);
}

/** Someone who could review, with what makes them one. */
export interface Candidate {
  readonly arn: string;
  readonly roles: readonly string[];
  /** The CEL expressions of the requirements that are true for them. */
  readonly matched: readonly string[];
}

/** Whether `approvers` mean this person. Parties of the request are left out by whoever makes the list of candidates. */
export function isAmong({ users, roles, expression, exclude = [] }: Approvers, person: Candidate): boolean {
  if (exclude.includes(person.arn)) return false;
  if (expression !== undefined && !person.matched.includes(expression)) return false;
  const wanted: readonly string[] = users || roles ? (roles ?? []) : CHIME_ROLES;
  return (users ?? []).includes(person.arn) || wanted.some((role) => person.roles.includes(role));
}

/**
 * Whether, of these people, enough could decide a stage: its own approvers, with those whom it is escalated to later, or
 * its fallback. What takes the place of others in the end is found when it does.
 */
export function isReachable(
  { approvers, anyOf, fallback, timedActions }: Pick<Stage, 'approvers' | 'anyOf' | 'fallback' | 'timedActions'>,
  people: readonly Candidate[],
): boolean {
  const later = timedActions.flatMap((action) => (action.do === 'escalate' ? [action.to] : []));
  return [[approvers, ...later], ...(fallback ? [[fallback]] : [])].some((who) => couldApprove(anyOf, who, people));
}

/** A list of people this long may be cut off: who is not on it may be an approver all the same. */
export const ROSTER_LIMIT = 500;

/**
 * Whether enough of `people` are among one of `approvers` to meet one of the thresholds. Of a list that may be cut off,
 * nobody can say no.
 */
export function couldApprove(
  anyOf: readonly Threshold[],
  approvers: readonly Approvers[],
  people: readonly Candidate[],
): boolean {
  if (people.length >= ROSTER_LIMIT) return true;
  return anyOf.some(
    (threshold) => people.filter((one) => countsFor(threshold, approvers, one)).length >= threshold.approve,
  );
}

/** Whether a review by this person counts for a threshold of a stage whose approvers are, as alternatives, `approvers`. */
export function countsFor(
  threshold: Pick<Threshold, 'approvers'>,
  approvers: readonly Approvers[],
  person: Candidate,
): boolean {
  return isAmongAny(approvers, person) && (!threshold.approvers || isAmong(threshold.approvers, person));
}

export function isAmongAny(approvers: readonly Approvers[], person: Candidate): boolean {
  return approvers.some((who) => isAmong(who, person));
}

/** Who is meant, for people: `channel_moderator or app_instance_admin`. */
export function approversText({ users = [], roles, expression }: Approvers): string {
  const wanted: readonly string[] = roles ?? (users.length > 0 ? [] : CHIME_ROLES);
  const named = users.length > 0 ? [`${users.length} named ${users.length === 1 ? 'user' : 'users'}`] : [];
  const text = [...wanted, ...named].join(' or ');
  return expression === undefined ? text : `${text} for whom ${expression}`;
}

/** What a requirement asks for, in one line. */
export function requirementText({ stages, distinctFrom = [] }: Requirement): string {
  const others = distinctFrom.length > 0 ? `, by others than for ${distinctFrom.join(', ')}` : '';
  return `${stages.map((stage) => stageText(stage)).join(', then ')}${others}`;
}

export function stageText({ approvers, anyOf }: Pick<Stage, 'approvers' | 'anyOf'>): string {
  return anyOf
    .map(({ approve, approvers: some }) => {
      return `${approve} ${approve === 1 ? 'approval' : 'approvals'} by ${approversText(some ?? approvers)}`;
    })
    .join(', or ');
}
