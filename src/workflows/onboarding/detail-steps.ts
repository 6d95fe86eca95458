import { shortName } from '../../domain/arn.ts';
import type { OnboardingView } from '../../domain/onboarding/state.ts';
import { currentStep } from '../../domain/onboarding/steps.ts';
import { progressOf } from '../../domain/onboarding/view.ts';
import type { ProgressStep } from '../../domain/onboarding/view.ts';
import { openSteps } from '../../domain/plan-stages.ts';
import { code, escape, list, fieldsOf, stageLine } from '../../domain/markdown.ts';

/** The step that is being taken: what is asked, who may act, and until when. */
export function stepsNow(view: OnboardingView): string {
  const current = currentStep(view);
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

export function stepsToCome(view: OnboardingView): string {
  const { flow } = view;
  const items = linesOf(view, ['future']).map((line) => {
    const isConditional = flow.steps.some(({ id, if: condition }) => id === line.id && condition !== undefined);
    return `${nameOf(line)}: ${escape(line.what)}${line.who ? `; then it is up to ${escape(line.who)}` : ''}${isConditional ? ', if it is needed then' : ''}`;
  });
  return list('**Still to come**, in this order', items, 30);
}

export function stepsEnded(view: OnboardingView): string {
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
