import { shortName } from '../../domain/arn.ts';
import { channelsOf } from '../../domain/onboarding/flow.ts';
import type { OnboardingView } from '../../domain/onboarding/state.ts';
import { hasEnded } from '../../domain/onboarding/steps.ts';
import { upcomingOf } from '../../domain/onboarding/upcoming.ts';
import { code, escape, list, page, person } from '../../domain/markdown.ts';
import { endedText } from '../../domain/outcome.ts';
import { howToAct } from './detail-acts.ts';
import { stepsEnded, stepsNow, stepsToCome } from './detail-steps.ts';

/** What somebody who only has the Temporal UI needs to know of an onboarding, in Markdown: what matters most comes first. */
export function onboardingDetails(view: OnboardingView): string {
  return page('admit onboard show', [
    headline(view),
    incident(view),
    asked(view),
    stepsNow(view),
    upcoming(view),
    stepsToCome(view),
    howToAct(view),
    stepsEnded(view),
    grants(view),
    notes(view),
  ]);
}

function headline(view: OnboardingView): string {
  const { state, outcome, percent, pausedAt, next, steps, closedAt } = view;
  const far = `${percent} %, ${steps.filter(hasEnded).length} of ${steps.length} steps have ended.`;
  const words = {
    preparing: 'Preparing: it is checked who asks.',
    running: `Running: ${far}`,
    paused: `Paused since ${pausedAt ?? 'now'}: ${far}`,
    incident: `Incident: an operator has to act. ${far}`,
    ending: 'Ending: requests that are open are taken back, and then memberships removed, where that is wanted.',
    closed: `${endedText(outcome, closedAt)}: ${far}`,
  };
  return [`### ${words[state]}`, ...(next ? [`**Next**, ${next.at}: ${escape(next.what)}`] : [])].join('\n\n');
}

function asked(view: OnboardingView): string {
  const { flow, member, requestedBy, requesterVerified = true, flowDigest, ending, error } = view;
  const by = person({ by: requestedBy, verified: requesterVerified });
  return list(
    `**Asked** by ${by}: ${code(flow.title ?? flow.name)} for ${code(member.name)}`,
    [
      `member ${code(member.arn)}`,
      `requester ${code(requestedBy)}`,
      `flow ${code(flow.name)}, digest ${code(flowDigest?.slice(0, 12) ?? 'unknown')}`,
      ...channelsOf(flow).map((channel) => `channel ${code(channel)}`),
      ...(ending ? [`ending: ${escape(ending.reason)}${ending.by ? `, by ${person(ending.by)}` : ''}`] : []),
      ...(error ? [`error ${code(error.type)}: ${escape(error.message)}`] : []),
      ...(error?.hint ? [`what to do: ${escape(error.hint)}`] : []),
    ],
    20,
  );
}

function incident({ incident: found }: OnboardingView): string {
  if (!found) return '';
  const { during, step, error, at, dueAt } = found;
  const what = during === 'removal' ? 'the membership that it made could not be removed' : 'it failed';
  const title = `**Incident** at the step ${code(step)} since ${at}: ${what}. An app instance admin has until ${dueAt}.`;
  return list(title, [
    `${code(error.type)}: ${escape(error.message)}`,
    ...(error.hint ? [`What to do: ${escape(error.hint)}`] : []),
  ]);
}

function upcoming(view: OnboardingView): string {
  return list(
    '**What fires next**, if nobody acts',
    upcomingOf(view).map(({ at, what }) => `${at}: ${escape(what)}`),
  );
}

function grants(view: OnboardingView): string {
  const items = view.grants.map(({ step, request, settled }) => {
    return `${code(step)}: ${request.type} in ${code(shortName(request.channelArn))}${settled ? `, ${settled}` : ''}`;
  });
  return list('**Memberships that it made**', items, 20);
}

function notes(view: OnboardingView): string {
  const items = view.notes.toReversed().map(({ what, by, at, verified, reason }) => {
    return `${at} ${person({ by, verified })} ${escape(what)}${reason ? `: ${code(reason)}` : ''}`;
  });
  return list('**What people did**, the newest first', items, 10);
}
