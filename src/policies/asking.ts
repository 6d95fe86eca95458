import type { Purpose } from '../domain/conclusion.ts';
import type { Answers } from '../domain/view.ts';

/** About the asking itself: what the requester answered so far, and since when the request is there. */
export interface Asking {
  /** `extend`: the member is there already, and asks to stay longer. */
  readonly purpose: Purpose;
  /** Who asks, where that is not the requester: somebody else may ask for a longer term. */
  readonly askedBy?: string | undefined;
  readonly requestedAt: Date;
  /** By binding. */
  readonly answers: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** The latest answers to each binding count. */
export function answersByBinding(given: readonly Pick<Answers, 'binding' | 'answers'>[]): Asking['answers'] {
  return Object.fromEntries(given.map(({ binding, answers }) => [binding, answers]));
}

/** A request that is made now, and of which nothing was asked yet. */
export function askedNow(now: Date): Asking {
  return { purpose: 'join', requestedAt: now, answers: {} };
}
