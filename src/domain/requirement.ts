import { z } from 'zod';
import { isUser } from './arn.ts';
import { Duration } from './duration.ts';

/** The offices that Chime itself knows. Any other role is the name of a fact that a policy provides: a list of user ARNs. */
export const CHIME_ROLES = ['channel_moderator', 'app_instance_admin'] as const;
export type ChimeRole = (typeof CHIME_ROLES)[number];

export const RoleName = z
  .string()
  .regex(/^[a-z][a-zA-Z0-9_]*(\.[a-z][a-zA-Z0-9]*)*$/, 'channel_moderator, app_instance_admin or the name of a fact');
const UserArn = z.string().refine(isUser, 'the ARN of a user');

/**
 * Who may review: the named users and whoever holds one of the roles, narrowed by a CEL expression over `reviewer`
 * (`arn`, `roles`) and `request`. An expression alone narrows all moderators and admins. The requester, the member and
 * the bearer are excluded always.
 */
export const Approvers = z
  .strictObject({
    users: z.array(UserArn).min(1).max(50).exactOptional(),
    roles: z
      .array(RoleName)
      .min(1)
      .max(20)
      .refine((roles) => new Set(roles).size === roles.length, 'each role once')
      .exactOptional(),
    expression: z.string().min(1).max(4096).exactOptional(),
    exclude: z.array(UserArn).min(1).max(50).exactOptional(),
  })
  .refine(({ users, roles, expression }) => Boolean(users ?? roles ?? expression), 'users, roles or an expression');

const Count = z.number().int().min(1).max(100);

/** One way to decide a stage; among several, the first that is reached counts, and a denial before an approval. */
const Threshold = z.strictObject({
  approve: Count,
  deny: Count.default(1),
  /** Of the stage's approvers, whose reviews count here; all where nothing is said. */
  approvers: Approvers.exactOptional(),
});

/** What happens by itself, `at` a time after the stage began. */
const TimedAction = z.discriminatedUnion('do', [
  z.strictObject({ at: Duration, do: z.literal('remind') }),
  /** More people may review; with `instead`, they and nobody else. */
  z.strictObject({ at: Duration, do: z.literal('escalate'), to: Approvers, instead: z.boolean().default(false) }),
  z.strictObject({ at: Duration, do: z.literal('deny') }),
  z.strictObject({ at: Duration, do: z.literal('approve') }),
  /** The stage, and the whole request, may take longer. */
  z.strictObject({ at: Duration, do: z.literal('extend'), by: Duration }),
]);

export const Stage = z.strictObject({
  name: z
    .string()
    .regex(/^[\w .-]{1,64}$/)
    .default('review'),
  approvers: Approvers,
  /** Alternatives: one of them decides. */
  anyOf: z.array(Threshold).min(1).max(10),
  /** Who reviews where fewer people than needed could. */
  fallback: Approvers.exactOptional(),
  /** What it means if nobody can decide, the fallback included. */
  outcomeIfNoApprovers: z.enum(['deny', 'approve']).default('deny'),
  /** After this the stage is overdue and the request expires, unless a timed action says otherwise. */
  dueIn: Duration.exactOptional(),
  timedActions: z.array(TimedAction).max(20).default([]),
  /** Whether a review needs a comment. */
  justification: z.enum(['required', 'optional']).default('optional'),
});

/** Bindings for whose requirements other people have to decide: who counts there does not count here. */
export const DistinctFrom = z
  .array(z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'the name of a binding'))
  .min(1)
  .max(20)
  .refine((names) => new Set(names).size === names.length, 'each binding once');

const Staged = z.strictObject({ stages: z.array(Stage).min(1).max(10), distinctFrom: DistinctFrom.exactOptional() });

/** The short form: `approve` approvals by these people, and one denial ends it. */
const Short = z.strictObject({ approvers: Approvers, approve: Count, distinctFrom: DistinctFrom.exactOptional() });

/** Whose approvals are asked for: stages in order, each with its own people, thresholds and times. */
export const Requirement = z.union([
  Staged,
  Short.transform(({ approvers, approve, ...distinct }): z.output<typeof Staged> => {
    return Staged.parse({ stages: [{ approvers, anyOf: [{ approve }] }], ...distinct });
  }),
]);

export type Approvers = z.output<typeof Approvers>;
export type Threshold = z.output<typeof Threshold>;
export type TimedAction = z.output<typeof TimedAction>;
export type Stage = z.output<typeof Stage>;
export type Requirement = z.output<typeof Staged>;
/** A requirement as a policy writes it. */
export type RequirementInput = z.input<typeof Requirement>;

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
