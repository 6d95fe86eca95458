import { planOf } from '../domain/plan.ts';
import type { Plan } from '../domain/plan.ts';
import type { RequestView } from '../domain/view.ts';
import { howToAct } from './details/actions.ts';
import { answered, asked, inputs, others } from './details/asked.ts';
import { verdicts } from './details/decided.ts';
import { ending, extension, incident, notes, overridden } from './details/events.ts';
import { escape, list, page } from '../domain/markdown.ts';
import { reviews, whoMayApprove } from './details/people.ts';

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

function stateText({ state, outcome, deadline, expiresAt, waitsFor = 'people', term, reason }: RequestView): string {
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
      return `Closed: **${outcome}**.`;
  }
}

/** What comes by itself, with its time, and what comes once others have acted. */
function upcoming({ steps }: Plan): string {
  const future = steps.filter(({ status }) => status === 'next');
  const items = future.map(({ at, what }) => `${at === undefined ? '' : `${at}: `}${escape(what, 1_024)}`);
  return list('**What comes next**', items, 20);
}
