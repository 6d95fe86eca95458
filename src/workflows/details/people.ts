import type { Plan } from '../../domain/plan.ts';
import { standingOf } from '../../domain/plan-reviews.ts';
import type { Standing } from '../../domain/plan-reviews.ts';
import { activePanel } from '../../domain/view.ts';
import type { RequestView } from '../../domain/view.ts';
import { code, count, escape, list, person, stageLine } from '../../domain/markdown.ts';

const MAX_REVIEWS = 30;

/** The open stages, each with how far it is, until when, and who may review it. */
export function whoMayApprove(view: RequestView, { steps }: Plan): string {
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
export function reviews(view: RequestView): string {
  const title = `**Reviews** (${view.approvals.length}), the newest first`;
  return list(title, standingOf(view).toReversed().map(reviewLine), MAX_REVIEWS);
}

function reviewLine([{ reviewer: by, decision, roles, verified, at, comment }, uncounted]: Standing): string {
  const as = roles.length > 0 ? `, as ${escape(roles.join(', '))},` : '';
  const why = uncounted === undefined ? '' : `, **does not count**: ${uncounted}`;
  return `${decision} by ${person({ by, verified })}${as} at ${at}${why}${comment ? `: ${code(comment)}` : ''}`;
}
