import { shortName } from '../../domain/arn.ts';
import type { Plan, PlanStep } from '../../domain/plan.ts';
import { cells } from '../../domain/text.ts';
import { columns } from '../output.ts';

const MARKS = { done: '✓', now: '→', next: '·' };

/** The lines for people: ✓ what happened, → what is going on, · what is to come. */
export function describePlan(plan: Plan): string[] {
  const { id, state, outcome, steps, next } = cells(plan);
  return [
    ...(id === '' ? [] : [`${id} is ${outcome ?? state}`]),
    ...columns(
      steps.map((step) => [MARKS[step.status], time(step), text(step)]),
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

function text({ what, people = [], morePeople = 0 }: PlanStep): string {
  const names = people.map(shortName).join(', ');
  const more = morePeople > 0 ? ` and ${morePeople} more` : '';
  return `${what}${names ? ` (${names}${more} may act)` : ''}`;
}
