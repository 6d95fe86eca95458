import type { Decision, Reason } from './admission.ts';
import { inOffice } from './facts.ts';
import type { RequestError, RequestView } from './view.ts';

/** What is told to a requester depends on these alone. */
export type Judged = Pick<RequestView, 'request' | 'decisions' | 'facts' | 'composition'>;

/** Where nothing may be told of why. */
export const NOT_ADMITTED = { code: 'NOT_ADMITTED', message: 'This request is not admitted.', binding: 'withheld' };

/** Whether the requester is in office, and may know everything about the channel's people. */
export function isInOffice({ facts }: Pick<RequestView, 'facts'>): boolean {
  return inOffice(facts['requester.role']?.value);
}

/**
 * The facts that a requester without office may know: of the channel its settings, and of people only what they are
 * themselves, but for a ban. Chime tells nobody without office who is banned, moderates or is a HIDDEN member. A fact that is not
 * named here is withheld, and so is every fact of a policy's own.
 */
export function mayKnow(fact: string, { request }: Pick<RequestView, 'request'>): boolean {
  const { requestedBy, memberArn, chimeBearer = requestedBy } = request;
  switch (fact) {
    case 'channel':
    case 'requester.role':
      return true;
    case 'bearer.role':
      return chimeBearer === requestedBy;
    case 'member.membership':
    case 'member.moderator':
      return memberArn === requestedBy;
    default:
      return false;
  }
}

/**
 * Whether a decision would have been the same, whatever is withheld. Trial bindings are for operators and authors; an error
 * may say anything.
 */
export function isTold(decision: Decision, judged: Judged): boolean {
  if (decision.enforcement !== 'Enforce') return false;
  if (isInOffice(judged)) return true;
  const { evaluation, visibility, reads } = decision;
  if (evaluation === 'error' || visibility === 'opaque' || reads === undefined) return false;
  return reads.every((fact) => mayKnow(fact, judged));
}

/**
 * Why the policies deny, as the requester may hear it. Without office that is a denial which what they may know is enough
 * for: it is told also where something that is withheld denies too, so that nobody can tell these apart. Else it has no
 * reason.
 */
export function toldDenial(judged: Judged): Omit<Reason, 'visibility'> {
  const { composition } = judged;
  if (composition?.action === 'deny' && isInOffice(judged)) return withoutVisibility(composition.reason);
  const denials = judged.decisions.filter((decision) => decision.action === 'deny' && isTold(decision, judged));
  const [first] = denials.toSorted((a, b) => (a.binding < b.binding ? -1 : 1));
  if (first) return denialOf(first);
  return ownOtherType(judged) ?? NOT_ADMITTED;
}

function denialOf({ code = 'DENIED', message = 'A policy denies this request.', binding, field }: Decision) {
  return { code, message, binding, ...(field === undefined ? {} : { field }) };
}

/** Members know of their own membership, and Chime cannot change its type. */
function ownOtherType(judged: Judged): Omit<Reason, 'visibility'> | undefined {
  const { request, facts } = judged;
  const own = mayKnow('member.membership', judged) ? facts['member.membership']?.value : undefined;
  if (own?.type !== 'DEFAULT' || request.type !== 'HIDDEN') return undefined;
  const message = 'The member already has a DEFAULT membership; Chime cannot change its type.';
  return { code: 'OTHER_MEMBERSHIP_TYPE', message, binding: 'host', field: 'type' };
}

/** Denials of the host's own that depend on everything that policies found, on memberships, or on how many hold an office. */
const HOST_DENIALS = ['NOTHING_ALLOWS', 'OTHER_MEMBERSHIP_TYPE', 'NO_ELIGIBLE_APPROVER'];

/** Why a request ended, as the requester may hear it. */
export function toldReason(view: Judged & Pick<RequestView, 'reason'>): Omit<Reason, 'visibility'> | undefined {
  const { reason, decisions } = view;
  if (!reason) return undefined;
  if (isInOffice(view)) return withoutVisibility(reason);
  const isDenied = HOST_DENIALS.includes(reason.code) || decisions.some(({ action }) => action === 'deny');
  if (isDenied || reason.visibility === 'opaque') return toldDenial(view);
  return { ...withoutVisibility(reason), binding: toldBinding(reason.binding, view) };
}

function withoutVisibility({ visibility: _visibility, ...reason }: Reason): Omit<Reason, 'visibility'> {
  return reason;
}

/** A binding by its name, where the requester may know what it does. */
export function toldBinding(binding: string, judged: Judged): string {
  const decision = judged.decisions.find((one) => one.binding === binding);
  const isKnown = binding === 'host' || isInOffice(judged) || (decision !== undefined && isTold(decision, judged));
  return isKnown ? binding : NOT_ADMITTED.binding;
}

/** Whether the requester may look at the membership in Chime once it is there. */
export function maySeeMember(judged: Judged): boolean {
  const { request, facts } = judged;
  if (isInOffice(judged) || request.requestedBy === request.memberArn) return true;
  if (request.type === 'HIDDEN') return false;
  return facts['requester.role']?.value === 'member' || facts.channel?.value.privacy === 'PUBLIC';
}

/** What Chime answers where a ban, an office or another membership is behind it; what has no name may be any of these. */
const ABOUT_PEOPLE =
  /^(OtherMembershipType|Forbidden|Conflict|UnresolvedConflict|BadRequest|ResourceLimit|Unknown|Error$)/;

/** What failed, as the requester may hear it. */
export function toldError(error: RequestError, view: Pick<RequestView, 'facts'>): RequestError {
  if (isInOffice(view) || !ABOUT_PEOPLE.test(error.type)) return error;
  return { type: 'Failed', message: 'The member could not be added; operators can see why.' };
}

/** Who reviewed, and how: the requester hears numbers, and names only where they could look them up themselves. */
export function toldReviews(view: Judged & Pick<RequestView, 'approvals'>): RequestView['approvals'] {
  return isInOffice(view) ? view.approvals : [];
}
