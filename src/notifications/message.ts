import { shortName } from '../domain/arn.ts';
import type { Delivery, NotificationKind, NotificationSubject, Relation } from '../domain/notification.ts';
import { cell } from '../domain/text.ts';
import type { Message } from './channel.ts';
import { discreetWords, sentence, wordsFor } from './wording.ts';

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
