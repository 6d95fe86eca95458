import type { CommandName } from '../commands.ts';
import { code, count, escape, fieldsOf, list, page, person, stageLine } from '../markdown.ts';
import { endedText } from '../outcome.ts';
import { standingOf, type Standing } from '../plan-reviews.ts';
import { planOf, type Plan } from '../plan.ts';
import { activePanel, type RequestView } from '../view.ts';
import {
  answered,
  asked,
  ending,
  extension,
  incident,
  inputs,
  notes,
  others,
  overridden,
  verdicts,
} from './page-parts.ts';

/** What somebody who only has the Temporal UI needs to know of a request, in Markdown: what matters most comes first. */
export function currentDetails(view: RequestView): string {
  const plan = planOf(view);
  return page('admit show', [
    headline(view, plan),
    overridden(view),
    incident(view, plan),
    asked(view),
    others(view),
    extension(view),
    inputs(view),
    whoMayApprove(view, plan),
    upcoming(plan),
    verdicts(view),
    ending(view),
    howToAct(view),
    reviews(view),
    answered(view),
    notes(view),
  ]);
}

function headline(view: RequestView, { next }: Plan): string {
  const first = next ? [`**Next**, ${next.at}: ${escape(next.what)}`] : [];
  return [`### ${stateText(view)}`, ...first].join('\n\n');
}

function stateText({
  state,
  outcome,
  deadline,
  expiresAt,
  waitsFor = 'people',
  term,
  reason,
  closedAt,
}: RequestView): string {
  switch (state) {
    case 'evaluating':
      return 'Evaluating: policies are being asked. Where something has to be tried again, it stands under Pending Activities.';
    case 'pending': {
      const at = deadline?.at ?? 'some time';
      const waits = {
        people: `people have to decide by ${at}`,
        input: `the requester has to answer by ${at}`,
        time: `the policies want to wait until ${at}`,
      };
      const latest = expiresAt === undefined || expiresAt === at ? '' : ` Expires ${expiresAt} at the latest.`;
      return `Pending: ${waits[waitsFor]}.${latest}`;
    }
    case 'granting':
      return 'Granting: the call to Chime is under way, too late to take back. Its attempts, and when the next is due, stand under Pending Activities.';
    case 'incident':
      return 'Incident: an operator has to act.';
    case 'active':
      return reason
        ? 'Active: the membership is being removed. The attempts, and when the next is due, stand under Pending Activities.'
        : `Active: the membership is there until ${term?.endsAt ?? 'it is revoked'}.`;
    case 'closed':
      return `${endedText(outcome, closedAt)}.`;
  }
}

/** What comes by itself, with its time, and what comes once others have acted. */
function upcoming({ steps }: Plan): string {
  const future = steps.filter(({ status }) => status === 'next');
  const items = future.map(({ at, what }) => `${at === undefined ? '' : `${at}: `}${escape(what, 1_024)}`);
  return list('**What comes next**', items, 20);
}

const MAX_REVIEWS = 30;

/** The open stages, each with how far it is, until when, and who may review it. */
function whoMayApprove(view: RequestView, { steps }: Plan): string {
  const open = steps.filter(({ status, needed }) => status === 'now' && needed !== undefined);
  return list(`**Who may approve:** ${numbers(view)}`, open.map(stageLine));
}

function numbers(view: RequestView): string {
  const people = activePanel(view)?.people ?? [];
  const having = (role: string) => people.filter(({ roles }) => roles.includes(role)).length;
  const moderators = count(having('channel_moderator'), 'channel moderator');
  const admins = count(having('app_instance_admin'), 'app instance admin');
  const total = count(people.length, 'person', 'people');
  const never = view.extension ? 'the member, the bearer or who asks for it' : 'the member or the bearer';
  return `${total} may review (${moderators}, ${admins}), never the requester, ${never}.`;
}

/** The newest reviews, and why some do not count. */
function reviews(view: RequestView): string {
  const title = `**Reviews** (${view.approvals.length}), the newest first`;
  return list(title, standingOf(view).toReversed().map(reviewLine), MAX_REVIEWS);
}

function reviewLine([{ reviewer: by, decision, roles, verified, at, comment }, uncounted]: Standing): string {
  const as = roles.length > 0 ? `, as ${escape(roles.join(', '))},` : '';
  const why = uncounted === undefined ? '' : `, **does not count**: ${uncounted}`;
  return `${decision} by ${person({ by, verified })}${as} at ${at}${why}${comment ? `: ${code(comment)}` : ''}`;
}

/** An update, who may send it, and what it takes besides the actor. */
type Act = readonly [update: CommandName, by: string, more: Record<string, unknown>];

const ADMIN = 'an app instance admin';
const PARTIES = 'the requester or the member';
const OFFICE = 'a channel moderator or an app instance admin';
const WHY = { reason: '…' };

/** Which update to send, with which argument. */
function howToAct(view: RequestView): string {
  const items = actsOf(view).map(([update, by, more]) => {
    const rest = JSON.stringify(more).slice(1, -1);
    return `${code(update)}, by ${by}: ${code(`{"actor":ACTOR${rest && `,${rest}`}}`)}`;
  });
  const title =
    '**How to act**: send an update, where ACTOR is `{"principal":"your ARN","assertion":"…"}`. `admit` signs assertions; without one a command counts only where the worker trusts its callers.';
  return list(title, items);
}

function actsOf(view: RequestView): Act[] {
  switch (view.state) {
    case 'evaluating':
      return [['withdraw', PARTIES, {}]];
    case 'pending':
      return [...waitingFor(view), ['withdraw', PARTIES, {}], ['override', ADMIN, { ...WHY, ticket: '…' }]];
    case 'incident':
      return [
        ['retry', ADMIN, WHY],
        ['abandon', ADMIN, WHY],
        ...(view.incident?.during === 'grant' ? [['withdraw', PARTIES, {}] satisfies Act] : []),
      ];
    case 'active':
      return [
        ...reviewing(view),
        ...(view.extension ? [] : [['extend', `${PARTIES}, ${OFFICE}`, { by: '30d' }] satisfies Act]),
        ['revoke', `${PARTIES}, ${OFFICE}`, WHY],
      ];
    case 'granting':
    case 'closed':
      return [];
  }
}

function waitingFor(view: RequestView): Act[] {
  const amend: Act = ['amend', 'the requester', { changes: WHY }];
  if (view.waitsFor !== 'input') return [...reviewing(view), amend];
  const answers = view.inputs.slice(0, 3).map(({ binding, schema }): Act => {
    return [
      'submitInput',
      PARTIES,
      { binding, answers: Object.fromEntries(fieldsOf(schema).map((name) => [name, '…'])) },
    ];
  });
  return [...answers, amend];
}

/** Where people are asked now. */
function reviewing(view: RequestView): Act[] {
  const open = activePanel(view)?.requirements.find(({ stages }) => stages.some(({ status }) => status === 'open'));
  if (!open || view.waitsFor === 'time') return [];
  const { binding } = open.requirement;
  return [
    ['review', 'who may approve', { decision: 'approve' }],
    ['reassign', ADMIN, { binding, to: { roles: ['app_instance_admin'] }, ...WHY }],
  ];
}
