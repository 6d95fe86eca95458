import { shortName } from '../../domain/arn.ts';
import type { OnboardingView } from '../../domain/onboarding/state.ts';
import { progressOf } from '../../domain/onboarding/view.ts';
import type { ProgressStep } from '../../domain/onboarding/view.ts';
import { code, escape, list, person } from '../details/markdown.ts';

/** What somebody who only has the Temporal UI needs to know of an onboarding, in Markdown. */
export function onboardingDetails(view: OnboardingView): string {
  return [headline(view), asked(view), incident(view), steps(view), grants(view), notes(view), howToAct(view)]
    .filter(Boolean)
    .join('\n\n');
}

function headline({ state, outcome, percent, pausedAt, next }: OnboardingView): string {
  const words = {
    preparing: 'Preparing: it is checked who asks.',
    running: `Running: ${percent} %.`,
    paused: `Paused since ${pausedAt ?? 'now'}: ${percent} %.`,
    incident: 'Incident: an operator has to act.',
    ending: 'Ending: what is open is taken back.',
    closed: `Closed: **${outcome}**, ${percent} %.`,
  };
  return [`### ${words[state]}`, ...(next ? [`Next: ${escape(next.what)} at ${next.at}`] : [])].join('\n\n');
}

function asked({ flow, member, requestedBy, requesterVerified, flowDigest, ending, error }: OnboardingView): string {
  const proof = requesterVerified === false ? ' (not verified)' : '';
  return list(
    `**${escape(flow.title ?? flow.name)}** for ${escape(member.name)}, asked by ${code(shortName(requestedBy))}${proof}`,
    [
      `member ${code(member.arn)}`,
      `requester ${code(requestedBy)}`,
      `flow ${code(flow.name)}, digest ${code(flowDigest?.slice(0, 12) ?? 'unknown')}`,
      ...(ending ? [`ending: ${escape(ending.reason)}${ending.by ? `, by ${person(ending.by)}` : ''}`] : []),
      ...(error ? [`error ${code(error.type)}: ${escape(error.message)}`] : []),
      ...(error?.hint ? [`what to do: ${escape(error.hint)}`] : []),
    ],
  );
}

function incident({ incident: found }: OnboardingView): string {
  if (!found) return '';
  const what = found.during === 'removal' ? 'the membership that it made could not be removed' : 'it failed';
  return `**Incident** at the step ${code(found.step)}: ${what}: ${code(found.error.type)}: ${escape(found.error.message)}. It waits until ${found.dueAt}.`;
}

function steps(view: OnboardingView): string {
  const rows = progressOf(view).steps.map((step) => {
    return `| ${step.status} | ${escape(step.title)} | ${escape(step.what)} | ${who(step)} | ${when(step)} |`;
  });
  return ['| status | step | what | who | when |', '| --- | --- | --- | --- | --- |', ...rows].join('\n');
}

function who({ who: by, people = [] }: ProgressStep): string {
  const named = people.slice(0, 10).map((arn) => code(shortName(arn)));
  return [escape(by ?? ''), named.length > 0 ? `(${named.join(', ')})` : ''].filter(Boolean).join(' ');
}

function when({ status, startedAt, endedAt, dueAt, error }: ProgressStep): string {
  const time = status === 'now' ? (dueAt ? `due ${dueAt}` : `since ${startedAt ?? ''}`) : (endedAt ?? '');
  return [time, error ? escape(error) : ''].filter(Boolean).join(': ');
}

function grants(view: OnboardingView): string {
  const items = view.grants.map(({ step, request, settled }) => {
    return `${code(step)}: ${request.type} in ${code(shortName(request.channelArn))}${settled ? `, ${settled}` : ''}`;
  });
  return list('**Memberships that it made**', items, 20);
}

function notes(view: OnboardingView): string {
  const items = view.notes.toReversed().map(({ what, by, at, verified, reason }) => {
    return `${escape(what)} by ${person({ by, verified })} at ${at}${reason ? `: ${escape(reason)}` : ''}`;
  });
  return list('**What people did**', items, 10);
}

function howToAct({ state }: OnboardingView): string {
  if (state === 'closed') return '';
  return '**How to act**: `admit onboard show|input|review|pause|resume|skip|retry|cancel ID`, or the updates of the same meaning; an update counts with a signed assertion only, unless the worker trusts its callers.';
}
