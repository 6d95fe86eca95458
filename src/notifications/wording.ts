import { shortName } from '../domain/arn.ts';
import type { NotificationKind, NotificationSubject, Relation } from '../domain/notification.ts';

/** How an event is spoken of to one person; each begins a sentence. */
export interface Words {
  /** `alice asks to join board`. */
  readonly asks: string;
  /** `Your request to join board`. */
  readonly request: string;
  /** `Your membership of board`. */
  readonly membership: string;
  readonly onboarding: string;
  /** `you are`, `alice is`. */
  readonly memberIs: string;
}

type Sentence = (words: Words) => string;

/** What is said of each kind of event, to whom; the subject of an e-mail and the first line of every message. */
const SENTENCES: Record<NotificationKind, Sentence | (Partial<Record<Relation, Sentence>> & { others: Sentence })> = {
  pending: { approvers: ({ asks }) => asks, others: ({ request }) => `${request} waits for a review` },
  remind: {
    approvers: ({ request }) => `${request} still waits for your review`,
    others: ({ request }) => `${request} still waits for a review`,
  },
  escalated: {
    approvers: ({ request }) => `${request} needs your review now`,
    others: ({ request }) => `${request} was passed on to other reviewers`,
  },
  amended: ({ request }) => `${request} was changed, and reviews have to be given again`,
  inputNeeded: {
    requester: ({ request }) => `${request} needs an answer from you`,
    others: ({ request }) => `${request} waits for an answer of the requester`,
  },
  changesRequested: ({ request }) => `${request} needs changes before it can be approved`,
  overridden: ({ request }) => `${request} was let through by an operator, whatever was decided before`,
  incident: ({ request }) => `${request} is stuck, and an operator has to act`,
  joined: ({ request, memberIs }) => `${request} was approved: ${memberIs} a member now`,
  alreadyMember: ({ request, memberIs }) => `${request} is closed: ${memberIs} a member already`,
  denied: ({ request }) => `${request} was denied`,
  expired: ({ request }) => `${request} has expired`,
  withdrawn: ({ request }) => `${request} was withdrawn`,
  failed: ({ request }) => `${request} has failed`,
  termEnds: ({ membership }) => `${membership} ends soon`,
  extended: ({ membership }) => `${membership} was extended`,
  notExtended: ({ membership }) => `${membership} was not extended`,
  revoked: ({ membership }) => `${membership} has ended`,
  onboardingInput: {
    member: ({ onboarding }) => `${onboarding} needs an answer from you`,
    others: ({ onboarding }) => `${onboarding} waits for an answer`,
  },
  onboardingReview: {
    approvers: ({ onboarding }) => `${onboarding} waits for your review`,
    others: ({ onboarding }) => `${onboarding} waits for a review`,
  },
  onboardingWaits: ({ onboarding }) => `${onboarding} still waits for a request to be decided`,
  onboardingIncident: ({ onboarding }) => `${onboarding} is stuck, and an operator has to act`,
  onboardingEnded: ({ onboarding }) => `${onboarding} has ended`,
};

export function sentence(kind: NotificationKind, as: Relation, words: Words): string {
  const says = SENTENCES[kind];
  return typeof says === 'function' ? says(words) : (says[as] ?? says.others)(words);
}

/** The words for a person who may know who the member is. */
export function wordsFor(as: Relation, { requester, member, request, purpose }: NotificationSubject): Words {
  const own = requester === member;
  const channel = shortName(request.channelArn);
  const asker = shortName(requester);
  const name = shortName(member);
  const isMember = as === 'member' || (as === 'requester' && own);
  const join = `join ${channel}${request.type === 'HIDDEN' ? ' as a hidden member' : ''}`;
  const whom = own ? '' : `let ${as === 'member' ? 'you' : name} `;
  const onboarding = isMember ? 'Your onboarding' : `The onboarding of ${name}`;
  // What is about no channel is about an onboarding.
  if (channel === '') {
    return { asks: onboarding, request: onboarding, membership: onboarding, onboarding, memberIs: `${name} is` };
  }
  const words = {
    asks: `${asker} asks to ${whom}${join}`,
    request: as === 'requester' ? `Your request to ${whom}${join}` : `The request of ${asker} to ${whom}${join}`,
    membership: isMember ? `Your membership of ${channel}` : `The membership of ${name} in ${channel}`,
    onboarding,
    memberIs: isMember ? 'you are' : `${name} is`,
  };
  return purpose === 'extend' ? { ...words, ...askingToExtend(words) } : words;
}

/** Others than the requester may ask for a longer term. */
function askingToExtend({ membership }: Pick<Words, 'membership'>): Pick<Words, 'asks' | 'request'> {
  const request = `The request to extend ${membership.charAt(0).toLowerCase()}${membership.slice(1)}`;
  return { asks: `${request} waits for your review`, request };
}

/** The words for everybody else about a HIDDEN request: they tell neither the member nor, who may be the same, the requester. */
export function discreetWords({ request }: NotificationSubject): Words {
  const channel = shortName(request.channelArn);
  return {
    asks: `Somebody asks for a hidden membership of ${channel}`,
    request: `A request for a hidden membership of ${channel}`,
    membership: `A hidden membership of ${channel}`,
    onboarding: 'An onboarding',
    memberIs: 'somebody is',
  };
}
