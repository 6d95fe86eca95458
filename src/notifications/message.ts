import { shortName } from '../domain/arn.ts';
import type { Delivery, NotificationKind, NotificationSubject, Relation } from '../domain/notification.ts';
import { cell } from '../domain/text.ts';
import type { Message } from './channel.ts';

/** Who may see what the requester gave as a reason. */
const JUDGES: readonly Relation[] = ['approvers', 'reviewers', 'operators'];
/** Who hears why. A requester in office is told more of a member than the member is. */
const TOLD_WHY: readonly Relation[] = ['requester', ...JUDGES];
/** Of these the message is what the flow says, which is for the member. */
const SAID_BY_FLOW: readonly NotificationKind[] = [
  'onboardingInput',
  'onboardingReview',
  'onboardingWaits',
  'onboardingEnded',
];

/** Of these the message names bindings, or says why an operator acted: the requester is not told of either. */
const FOR_JUDGES: readonly NotificationKind[] = ['pending', 'remind', 'escalated', 'overridden'];

/** What the due time of an event means; of others it means nothing any more. */
const DUE: Partial<Record<NotificationKind, string>> = {
  pending: 'It waits until',
  remind: 'It waits until',
  escalated: 'It waits until',
  amended: 'It waits until',
  inputNeeded: 'It waits until',
  changesRequested: 'It waits until',
  incident: 'It waits until',
  onboardingInput: 'It waits until',
  onboardingReview: 'It waits until',
  onboardingIncident: 'It waits until',
  termEnds: 'It ends at',
  extended: 'It ends at',
  notExtended: 'It ends at',
};

/** What one person is told about an event. `link`: a template with `{id}` and `{run}`. */
export function messageFor(about: NotificationSubject, { id, to, as }: Delivery, link?: string): Message {
  const { kind, at, workflowId, runId, request, dueAt, code, message } = about;
  const common = { id, to, as, kind, at };
  // Ids and links of a request tell its member, and so may any text.
  if (request.type === 'HIDDEN' && as === 'users') {
    const subject = sentence(kind, as, discreetWords(about));
    return { ...common, subject, text: [`${subject}.`] };
  }
  const subject = sentence(kind, as, wordsFor(as, about));
  const isTold = hearsWhy(about, as);
  const why = isTold ? message : undefined;
  return {
    ...common,
    subject,
    text: [`${subject}.`, ...reasonLine(about, as), ...(why ? [cell(why)] : []), ...dueLine(about)],
    ...(link ? { link: linkTo(link, workflowId, runId) } : {}),
    about: {
      workflowId,
      request: TOLD_WHY.includes(as) ? request : withoutReason(request),
      ...(code === undefined || !isTold ? {} : { code }),
      ...(why === undefined ? {} : { message: why }),
      ...(dueAt === undefined ? {} : { dueAt }),
    },
  };
}

function hearsWhy({ kind, confidential }: NotificationSubject, as: Relation): boolean {
  // What Chime answered may tell of a HIDDEN membership.
  if (kind === 'incident' || kind === 'onboardingIncident') return as === 'operators';
  if (confidential) return as === 'requester';
  if (FOR_JUDGES.includes(kind)) return JUDGES.includes(as);
  return TOLD_WHY.includes(as) || (as === 'member' && SAID_BY_FLOW.includes(kind));
}

function reasonLine({ requester, purpose, request: { reason } }: NotificationSubject, as: Relation): string[] {
  if (!reason || !JUDGES.includes(as)) return [];
  // Others than the requester may ask for a longer term.
  if (purpose === 'extend') return [`The reason given: “${cell(reason)}”`];
  return [`${shortName(requester)} gives as a reason: “${cell(reason)}”`];
}

function dueLine({ kind, dueAt }: NotificationSubject): string[] {
  const says = DUE[kind];
  if (dueAt === undefined || says === undefined) return [];
  return [`${says} ${new Date(dueAt).toISOString().slice(0, 16).replace('T', ' ')} UTC.`];
}

function withoutReason(request: NotificationSubject['request']): NotificationSubject['request'] {
  const { reason: _reason, ...rest } = request;
  return rest;
}

function linkTo(template: string, workflowId: string, runId: string): string {
  return template.replaceAll('{id}', encodeURIComponent(workflowId)).replaceAll('{run}', encodeURIComponent(runId));
}

/** How an event is spoken of to one person; each begins a sentence. */
interface Words {
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

function sentence(kind: NotificationKind, as: Relation, words: Words): string {
  const says = SENTENCES[kind];
  return typeof says === 'function' ? says(words) : (says[as] ?? says.others)(words);
}

/** The words for a person who may know who the member is. */
function wordsFor(as: Relation, { requester, member, request, purpose }: NotificationSubject): Words {
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
function discreetWords({ request }: NotificationSubject): Words {
  const channel = shortName(request.channelArn);
  return {
    asks: `Somebody asks for a hidden membership of ${channel}`,
    request: `A request for a hidden membership of ${channel}`,
    membership: `A hidden membership of ${channel}`,
    onboarding: 'An onboarding',
    memberIs: 'somebody is',
  };
}
