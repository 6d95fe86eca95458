import { isUser } from './arn.ts';
import type { Outcome, State } from './outcome.ts';

/** One line of a plan. Texts are sentences for people; they may hold what users wrote. */
export interface PlanStep {
  readonly status: 'done' | 'now' | 'next';
  readonly what: string;
  /** Who did it, by short name; or who may, by role and number. */
  readonly who?: string;
  /** ARNs of who may act now: at most 20, and how many more there are. */
  readonly people?: readonly string[];
  readonly morePeople?: number;
  /** How many approvals a stage has and needs. */
  readonly approved?: number;
  readonly needed?: number;
  /** When it happened, or happens by itself (ISO 8601). */
  readonly at?: string;
  /** Until when somebody may act (ISO 8601). */
  readonly by?: string;
  readonly binding?: string;
  readonly stage?: string;
}

/** One that comes by itself. */
export type TimedStep = PlanStep & { readonly at: string };

/** What happened to a request, what is going on, and what is still to come. */
export interface Plan {
  readonly id: string;
  readonly state: State;
  readonly outcome: Outcome | null;
  readonly steps: readonly PlanStep[];
  /** What happens by itself first, if nobody does anything. */
  readonly next?: { readonly what: string; readonly at: string };
}

const MAX_PEOPLE = 20;

/** The people of a step, as many as can be read. Where only numbers are known there are no names. */
export function somePeople(arns: readonly string[]): Pick<PlanStep, 'people' | 'morePeople'> {
  const users = arns.filter(isUser);
  if (users.length === 0) return {};
  const more = users.length - MAX_PEOPLE;
  return { people: users.slice(0, MAX_PEOPLE), ...(more > 0 ? { morePeople: more } : {}) };
}

/** Something that is still to come; without a time it comes once others have acted. */
export function next(what: string, at?: string): PlanStep {
  return { status: 'next', what, ...(at === undefined ? {} : { at }) };
}

/** What a user wrote, within a sentence. */
export function quoted(text: string): string {
  return JSON.stringify(text);
}

export function concat(parts: readonly (string | undefined)[], separator = ', '): string {
  return parts.filter((part) => part !== undefined && part !== '').join(separator);
}
