import type { Panel } from '../../domain/approval/panel.ts';
import { shortName } from '../../domain/arn.ts';
import { historyText } from '../../domain/history.ts';
import type { RequestView } from '../../domain/view.ts';
import { columns } from '../output.ts';
import { reviewRows, stageRows } from './people.ts';
import { decisionRows, endRows, headline, lastRows, section } from './rows.ts';
import {
  deferralRows,
  doneBy,
  extensionRows,
  incidentRows,
  inputRows,
  overrideRows,
  revocationRows,
  termRows,
} from './waiting.ts';

/** The lines for operators: where it stands, what it waits for, then everything that led there. */
export function describeView(view: RequestView & { readonly uiUrl: string | null }): string[] {
  const open = view.outcome === null;
  return [
    headline(view),
    ...columns(
      [
        ['id', view.id],
        ...askedRows(view),
        ...overrideRows(view),
        ...endRows(view),
        ...(open ? incidentRows(view) : []),
        ...termRows(view),
        ...revocationRows(view),
        ...(open ? extensionRows(view) : []),
        ...(open ? inputRows(view.inputs) : []),
        ...(open ? deferralRows(view) : []),
        ...(open ? otherRows(view) : []),
        ...lastRows(view),
      ],
      '  ',
    ),
    ...section('policies', decisionRows(view.decisions)),
    ...section('stages', view.panel ? stageRows(view.panel) : []),
    ...section('reviews', reviewRows(view.approvals, view.requestDigest)),
    ...(open && view.extension ? longerTerm(view.extension.panel) : []),
    ...section(
      'answers',
      view.answers.map((one) => [one.binding, JSON.stringify(one.answers), `by ${doneBy(one)}`]),
    ),
    ...section(
      'notes',
      view.notes.map(({ what, reason, ...deed }) => [what, `by ${doneBy(deed)}`, reason ?? '']),
    ),
  ];
}

/** What people are asked about a longer term. */
function longerTerm(panel: Panel): string[] {
  return [
    ...section('stages of the extension', stageRows(panel)),
    ...section('reviews of the extension', reviewRows(panel.reviews)),
  ];
}

/** As they were when people were asked. */
function otherRows({ facts }: RequestView): string[][] {
  const { value, readAt } = facts?.history ?? {};
  const text = value && historyText(value);
  return text ? [['beware', `${text} (as of ${readAt})`]] : [];
}

/** Of a request that was ended in Temporal before it ran, nothing is known. */
function askedRows(view: RequestView): string[][] {
  const { request, requestedAt, requesterVerified, requestDigest } = view;
  // What a review given now would be about: the request, or a longer term.
  const digest = view.reviewDigest ?? requestDigest;
  const { memberArn, channelArn, requestedBy, type, term, reason } = request as Partial<RequestView['request']>;
  if (!memberArn || !channelArn || !requestedBy) return [];
  const proof = requesterVerified === false ? ', not verified' : '';
  const long = term === undefined ? '' : ` for ${term}`;
  return [
    ['asked', `${shortName(memberArn)} joins ${shortName(channelArn)} as a ${type} member${long}`],
    ['asked by', `${shortName(requestedBy)} at ${requestedAt}${proof}`],
    ...(reason === undefined ? [] : [['because', reason]]),
    ...(digest === undefined ? [] : [['digest', digest]]),
  ];
}
