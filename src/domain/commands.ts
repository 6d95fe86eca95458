import { ACTOR, type Actor } from './actor.ts';
import type { ReviewDecision } from './approval/panel.ts';
import { DURATION } from './duration.ts';
import { boundsIssue } from './bounds.ts';
import { isRecord } from './checks.ts';
import { isRefusal, type Refusal } from './refusal.ts';
import { parseJoinRequest, type JoinRequest, type MembershipType, type Parsed } from './request.ts';
import type { Approvers } from './requirement.ts';
import type { RequestView } from './view.ts';

export { isRefusal };
export type { Actor, Refusal };

/** Names of the messages that a request takes; both ends use these. */
/** The type of the workflow that marks an assertion of who asks as used. */
export const USED_ASSERTION = 'usedAssertion';

export const REQUEST_JOIN = 'requestJoin';
export const STATE_QUERY = 'state';
export const PLAN_QUERY = 'plan';
export const WORKFLOW_TYPE = 'joinChannel';

interface Given {
  readonly actor: Actor;
}

interface Explained extends Given {
  readonly reason: string;
}

/** Every command about an open request. Their schemas, for input of unknown origin, are in `src/schemas/commands.ts`. */
export interface Commands {
  readonly review: Given & {
    readonly decision: ReviewDecision;
    readonly comment?: string;
    readonly reviewId?: string;
    /** `reviewDigest` of the view, as the reviewer saw it; without it the review is about what is under review now. */
    readonly requestDigest?: string;
  };
  readonly withdraw: Given;
  readonly amend: Given & { readonly changes: Amendment };
  readonly submitInput: Given & { readonly binding: string; readonly answers: Readonly<Record<string, unknown>> };
  readonly override: Explained & { readonly ticket: string };
  readonly reassign: Explained & { readonly binding: string; readonly to: Approvers };
  readonly retry: Explained;
  readonly abandon: Explained;
  readonly extend: Given & { readonly by: string; readonly reason?: string };
  readonly revoke: Explained;
  /** Needs no actor: it gives nobody anything, and facts are read from Chime. */
  readonly reevaluate: {
    /** Ask again if another policy set than this one decided. */
    readonly policyDigest?: string;
    /** Ask again since one of these changed. */
    readonly changed?: readonly (typeof CHANGES)[number][];
  };
}

export const CHANGES = ['channel', 'ban', 'roster', 'facts'] as const;

/** What may be changed of an open request; `null` takes a field away. Channel, member and requester are what it is about. */
export interface Amendment {
  readonly type?: MembershipType;
  readonly subChannelId?: string | null;
  readonly chimeBearer?: string | null;
  readonly reason?: string | null;
  readonly term?: string | null;
}

/** What each command accepts, for people. */
export const ACCEPTED_IN_COMMAND: Readonly<Record<CommandName, string>> = {
  review:
    'actor: { principal, assertion? }, decision: approve, deny, abstain, comment or requestChanges, comment?: 1 to 1024 characters, reviewId?, requestDigest?',
  withdraw: 'actor: { principal, assertion? }',
  amend: 'actor, changes: type?, subChannelId?, chimeBearer?, reason?, term? (null takes one away)',
  submitInput: 'actor, binding: who asked, answers: an object that fits its schema',
  override: 'actor: an app instance admin, reason: 1 to 1024 characters, ticket: 1 to 128 characters',
  reassign: 'actor: an app instance admin, binding: who asks for approval, to: { users?, roles?, expression? }, reason',
  retry: 'actor: an app instance admin, reason',
  abandon: 'actor: an app instance admin, reason',
  extend: `actor, by: ${DURATION}, reason?`,
  revoke: 'actor, reason: 1 to 1024 characters',
  reevaluate: 'policyDigest: of the new policy set, or changed: [channel, ban, roster, facts]',
};

export type CommandName = keyof Commands;
export const COMMAND_NAMES = Object.keys(ACCEPTED_IN_COMMAND) as CommandName[];
export type CommandOf<N extends CommandName> = Commands[N];
/** Commands that somebody has to answer for. */
export type ActorCommandName = Exclude<CommandName, 'reevaluate'>;

/** Where a request stands after a command. */
export type CommandResult = Pick<RequestView, 'id' | 'state' | 'outcome' | 'progress' | 'revocation'>;

/** A request as it is asked: with the proof of who asks, if there is one. */
export interface JoinCommand {
  readonly request: JoinRequest;
  readonly actor?: Actor;
}

/** Checks what a request starts with: the fields of the request, and beside them `actor`. */
export function parseJoinCommand(input: unknown): Parsed<JoinCommand> {
  const tooBig = boundsIssue(input, 'request');
  if (tooBig) return { ok: false, issues: [tooBig] };
  const { actor, ...fields } = isRecord(input) ? input : {};
  const request = parseJoinRequest(isRecord(input) ? fields : input);
  const actorIssues = actor === undefined || ACTOR(actor) === undefined ? [] : [NO_ACTOR];
  if (!request.ok) return { ok: false, issues: [...request.issues, ...actorIssues] };
  if (actorIssues.length > 0) return { ok: false, issues: actorIssues };
  if (actor === undefined) return { ok: true, value: { request: request.value } };
  const asker = actor as Actor;
  if (asker.principal === request.value.requestedBy)
    return { ok: true, value: { request: request.value, actor: asker } };
  const message = 'actor.principal is not who asks';
  return { ok: false, issues: [{ field: 'actor.principal', message, accepted: request.value.requestedBy }] };
}

const NO_ACTOR = { field: 'actor', message: 'actor is not valid', accepted: '{ principal, assertion? }' };
