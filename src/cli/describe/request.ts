import type { Panel, Review, StageProgress } from '../../domain/approval/panel.ts';
import { shortName } from '../../domain/arn.ts';
import { historyText } from '../../domain/history.ts';
import type { Plan, PlanStep } from '../../domain/plan.ts';
import { approversText, stageText, type Stage } from '../../domain/requirement.ts';
import { cells } from '../../domain/text.ts';
import type { Answer, RequestView } from '../../domain/view.ts';
import { columns } from '../output.ts';
import { decisionRows, endRows, headline, lastRows, section } from './rows.ts';
import {
  deferralRows,
  inputRows,
  termRows,
  doneBy,
  extensionRows,
  incidentRows,
  overrideRows,
  revocationRows,
} from './waiting.ts';

type Described = Answer & Pick<RequestView, 'approvals'> & { readonly uiUrl: string | null };

/** The lines for who asked: what it came to, then why, then where to look. */
export function describeAnswer(answer: Described, next?: string): string[] {
  return [
    headline(answer),
    ...columns(
      [
        ['id', answer.id],
        ...notTakenRows(answer),
        ...endRows(answer),
        ...termRows(answer),
        ...inputRows(answer.inputs),
        ...deferralRows(answer),
        ...(answer.waitsFor === 'people' ? askedRows(answer) : []),
        ...lastRows(answer),
      ],
      '  ',
    ),
    ...section('policies', decisionRows(answer.decisions)),
    ...section('reviews', reviewRows(answer.approvals)),
    ...(next ? ['', 'To go on:', `  ${next}`] : []),
  ];
}

function notTakenRows({ id, notTaken = [] }: Described): string[][] {
  if (notTaken.length === 0) return [];
  return [['not taken', `${notTaken.join(', ')}: the request was open already. To change it: admit amend ${id}`]];
}

/** The lines for operators: where it stands, what it waits for, then everything that led there. */
export function describeView(view: RequestView & { readonly uiUrl: string | null }): string[] {
  const open = view.outcome === null;
  return [
    headline(view),
    ...columns(
      [
        ['id', view.id],
        ...requestRows(view),
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
function requestRows(view: RequestView): string[][] {
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

/** What people are asked for, as the requester may know it: by role and number. */
function askedRows({ waitingFor, eligible }: Pick<Answer, 'waitingFor' | 'eligible'>): string[][] {
  const who = eligible
    ? ` (${eligible.total} people may: ${eligible.channel_moderator} channel moderators, ${eligible.app_instance_admin} app instance admins)`
    : '';
  return waitingFor.map(({ approve, approved, text }) => [
    'waits for',
    approve === 0 ? `people: ${text}` : `people: ${approved} of ${approve}: ${text}${who}`,
  ]);
}

/** Every stage of every requirement: where it stands, who approved, and who may review while it is open. */
function stageRows({ requirements }: Panel): string[][] {
  return requirements.flatMap(({ requirement, stages }) =>
    requirement.stages.map((stage, index) => {
      const now = stages[index];
      return [
        requirement.binding,
        stage.name,
        now?.status ?? 'waiting',
        stageText(stage),
        now ? standing(now, stage) : '',
      ];
    }),
  );
}

function standing(
  { status, by, approvedBy, deniedBy, approvers, dueAt }: StageProgress,
  asked: Pick<Stage, 'approvers'>,
): string {
  const open = approvers.map((who) => approversText(who)).join(', or ');
  return [
    ...(approvedBy.length > 0 ? [`approved by ${approvedBy.map(shortName).join(', ')}`] : []),
    ...(deniedBy.length > 0 ? [`denied by ${deniedBy.map(shortName).join(', ')}`] : []),
    ...(by === 'time' ? ['by time'] : []),
    ...(by === 'noApprovers' ? ['since nobody could decide'] : []),
    // Escalated, reassigned, or left to the fallback.
    ...(status === 'open' && open !== approversText(asked.approvers) ? [`open for ${open}`] : []),
    ...(status === 'open' && dueAt ? [`due ${dueAt}`] : []),
  ].join('; ');
}

/** `digest`: of the request as it is now; reviews of another do not count any more. */
function reviewRows(reviews: readonly Review[], digest?: string): string[][] {
  return reviews.map(({ reviewer, decision, at, verified, requestDigest, comment }) => [
    decision,
    shortName(reviewer),
    at,
    verified ? 'verified' : 'not verified',
    [...(digest !== undefined && requestDigest !== digest ? ['(before it was amended)'] : []), comment ?? '']
      .join(' ')
      .trim(),
  ]);
}

const MARKS = { done: '✓', now: '→', next: '·' };

/** The lines for people: ✓ what happened, → what is going on, · what is to come. */
export function describePlan(plan: Plan): string[] {
  const { id, state, outcome, steps, next } = cells(plan);
  return [
    ...(id === '' ? [] : [`${id} is ${outcome ?? state}`]),
    ...columns(
      steps.map((step) => [MARKS[step.status], time(step), stepText(step)]),
      '  ',
    ),
    ...(next ? ['', `If nobody does anything, at ${next.at}: ${next.what}`] : []),
  ];
}

function time({ at, by }: PlanStep): string {
  if (at !== undefined) return minute(at);
  return by === undefined ? '' : `until ${minute(by)}`;
}

function minute(iso: string): string {
  return `${iso.slice(0, 16)}Z`;
}

function stepText({ what, people = [], morePeople = 0 }: PlanStep): string {
  const names = people.map(shortName).join(', ');
  const more = morePeople > 0 ? ` and ${morePeople} more` : '';
  return `${what}${names ? ` (${names}${more} may act)` : ''}`;
}
