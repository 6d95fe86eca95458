import { shortName } from '../arn.ts';
import { code, escape, fieldsOf, list, page, person, stageLine } from '../markdown.ts';
import { endedText } from '../outcome.ts';
import { openSteps } from '../plan-stages.ts';
import type { OnboardingCommandName } from './commands.ts';
import { channelsOf } from './flow.ts';
import type { Step } from './step.ts';
import { upcomingOf, type Next } from './deadlines.ts';
import { progressOf, type ProgressStep } from './progress.ts';
import type { State } from './state.ts';
import { hasEnded } from './steps.ts';
import { viewOf, type OnboardingView, type StepView } from './view.ts';

/** The page of an onboarding in the Temporal UI, in Markdown, for somebody who has nothing else: the most important comes first. */
export function pageOf(state: State): string {
  return pageFrom(viewOf(state), upcomingOf(state));
}

/** `next`: all that happens by itself. */
export function pageFrom(view: OnboardingView, next: readonly Next[]): string {
  return page('admit onboard show', [
    headline(view),
    held(view),
    asked(view),
    stepsNow(view),
    upcoming(next),
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

function held({ incident: found }: OnboardingView): string {
  if (!found) return '';
  const { during, step, error, at, dueAt } = found;
  const what = during === 'removal' ? 'the membership that it made could not be removed' : 'it failed';
  const title = `**Incident** at the step ${code(step)} since ${at}: ${what}. An app instance admin has until ${dueAt}.`;
  return list(title, [
    `${code(error.type)}: ${escape(error.message)}`,
    ...(error.hint ? [`What to do: ${escape(error.hint)}`] : []),
  ]);
}

function upcoming(next: readonly Next[]): string {
  return list(
    '**What fires next**, if nobody acts',
    next.map(({ at, what }) => `${at}: ${escape(what)}`),
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

/** The step that is being taken: what is asked, who may act, and until when. */
function stepsNow(view: OnboardingView): string {
  const current = currentIn(view);
  const [line] = progressOf(view).steps.filter(({ status }) => status === 'now');
  if (!current || !line) return '';
  const { step, state } = current;
  const fields = step.kind === 'input' ? fieldsOf(step.schema).map((name) => code(name, 64)) : [];
  const who = step.kind === 'approval' && state.panel ? '' : whoMay(line);
  return list(`**Now** ${nameOf(line)}: ${escape(line.what, 1_024)}`, [
    ...(fields.length > 0 ? [`the answers wanted: ${fields.join(', ')}`] : []),
    ...(who ? [`it is up to ${who}`] : []),
    ...(state.panel ? openSteps(state.panel).map(stageLine) : []),
    `since ${line.startedAt ?? ''}${line.dueAt && view.state !== 'paused' ? `, until ${line.dueAt}` : ''}`,
    ...(line.error ? [`tried before: ${escape(line.error)}`] : []),
  ]);
}

function stepsToCome(view: OnboardingView): string {
  const { flow } = view;
  const items = linesOf(view, ['future']).map((line) => {
    const isConditional = flow.steps.some(({ id, if: condition }) => id === line.id && condition !== undefined);
    return `${nameOf(line)}: ${escape(line.what)}${line.who ? `; then it is up to ${escape(line.who)}` : ''}${isConditional ? ', if it is needed then' : ''}`;
  });
  return list('**Still to come**, in this order', items, 30);
}

function stepsEnded(view: OnboardingView): string {
  const ended = linesOf(view, ['done', 'skipped', 'failed', 'notNeeded']).toReversed();
  const items = ended.map((line) => {
    const why = line.error ? `: ${escape(line.error)}` : '';
    return `${WORDS[line.status]} ${line.endedAt ?? ''}: ${nameOf(line)}: ${escape(line.what)}${why}`;
  });
  return list('**Steps that have ended**, the newest first', items, 30);
}

const WORDS: Readonly<Record<ProgressStep['status'], string>> = {
  future: 'to come',
  now: 'now',
  done: 'done',
  skipped: 'skipped',
  failed: 'failed',
  notNeeded: 'not needed',
};

function linesOf(view: OnboardingView, statuses: readonly ProgressStep['status'][]): ProgressStep[] {
  return progressOf(view).steps.filter(({ status }) => statuses.includes(status));
}

function nameOf({ id, title }: ProgressStep): string {
  return title === id ? code(id) : `${code(id)} (${escape(title)})`;
}

function whoMay({ who, people = [] }: ProgressStep): string {
  const named = people.slice(0, 10).map((arn) => code(shortName(arn)));
  return [escape(who ?? ''), ...(named.length > 0 ? [`(${named.join(', ')})`] : [])].filter(Boolean).join(' ');
}

/** An update, who may send it, and what it takes besides the actor. */
type Act = readonly [update: OnboardingCommandName, by: string, more: Record<string, unknown>];

const ADMIN = 'an app instance admin';
const WHY = { reason: '…' };

/** Which update to send, with which argument. */
function howToAct(view: OnboardingView): string {
  const items = actsOf(view).map(([update, by, more]) => {
    return `${code(update)}, by ${by}: ${code(`{"actor":ACTOR,${JSON.stringify(more).slice(1)}`)}`;
  });
  const child = currentIn(view)?.state.child;
  const request = child?.state === 'open' ? [`The request ${code(child.id)} has a page of its own.`] : [];
  const title =
    '**How to act**: send an update, where ACTOR is `{"principal":"your ARN","assertion":"…"}`. `admit` signs assertions; without one a command counts only where the worker trusts its callers.';
  return list(title, [...items, ...request]);
}

function actsOf(view: OnboardingView): Act[] {
  const { state, incident } = view;
  const cancel: Act = ['cancel', `who asked or ${ADMIN}`, { ...WHY, compensate: true }];
  const skip: Act[] = aboutStep(view).map((step) => ['skip', `${ADMIN}, never the member`, { step, ...WHY }]);
  switch (state) {
    case 'preparing':
      return [cancel];
    case 'running':
      return [...answering(view), ...skip, ['pause', ADMIN, WHY], cancel];
    case 'paused':
      return [['resume', ADMIN, WHY], ...skip, cancel];
    case 'incident': {
      const retry: Act[] = aboutStep(view).map((step) => ['retryStep', ADMIN, { step, ...WHY }]);
      return [...retry, ...skip, ...(incident?.during === 'step' ? [cancel] : [])];
    }
    case 'ending':
    case 'closed':
      return [];
  }
}

/** The step that a command would be about now. */
function aboutStep(view: OnboardingView): string[] {
  const id = view.incident?.step ?? currentIn(view)?.state.id;
  return id === undefined ? [] : [id];
}

function answering(view: OnboardingView): Act[] {
  const current = currentIn(view);
  if (!current) return [];
  const { step, state } = current;
  if (state.retryAt !== undefined) return [['retryStep', ADMIN, { step: step.id, ...WHY }]];
  if (step.kind === 'input') {
    const answers = Object.fromEntries(fieldsOf(step.schema).map((name) => [name, '…']));
    return [['submitInput', 'the member', { step: step.id, answers }]];
  }
  return step.kind === 'approval' && state.panel
    ? [['review', 'who may approve', { step: step.id, decision: 'approve' }]]
    : [];
}

/** The step that is being taken, as declared and as it stands. */
function currentIn({ flow, steps }: OnboardingView): { readonly step: Step; readonly state: StepView } | undefined {
  const state = steps.find(({ status }) => status === 'now');
  const step = flow.steps.find(({ id }) => id === state?.id);
  return state && step && { step, state };
}
