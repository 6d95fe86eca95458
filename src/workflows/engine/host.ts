import type { ApplicationFailure } from '@temporalio/common';
import type { EffectBase, Machine, Values } from '../../domain/engine.ts';
import type { Refusal } from '../../domain/refusal.ts';
import type { Attributes } from '../../domain/search-attributes.ts';

/** A command as machine and inbox know it: by its name. */
export interface Named {
  readonly name: string;
}

/**
 * All that a workflow gives the engine: a machine, its effects, and what it takes and shows. The types are those of `Machine`:
 * S state, C commands, E effects, V what these come to, Checked what verification found, Call what it needs, A answers, N news.
 */
export interface Host<
  S,
  C extends Named,
  E extends EffectBase,
  V extends Values<E>,
  Call,
  Checked,
  A extends object,
  N,
> {
  readonly machine: Machine<S, C, E, V, Call, Checked, A, N>;
  readonly effects: Effects<S, E, V, N>;
  /**
   * Verifies a command in an activity: use `quickThenFirm`. What it refuses never reaches the machine. So what is refused only after
   * a proof was verified, and thereby used up, is part of `Checked`: the machine marks it and refuses. `call`: `undefined` where nobody has to answer for it.
   */
  readonly check: (call: Call | undefined, command: C) => Promise<Checked | Refusal>;
  readonly messages: Messages<S, C, N>;
  readonly shown: Shown<S>;
  /** After so many messages it goes on as a new run. */
  readonly commandsPerRun: (state: S) => number | undefined;
  /** Tells whoever still waits at the end. */
  readonly resolved: Refusal;
}

/**
 * Does each effect, in its lane (`activitiesFor`). Everything that it schedules it schedules at once: no `await` comes before, and what
 * comes after its result is another effect. `state`: as it was when the effect was begun. A failure is thrown. Each `do` is a member of its own in E.
 */
export type Effects<S, E extends EffectBase, V extends Values<E>, N> = {
  readonly [D in E['do']]: (effect: Extract<E, { readonly do: D }>, state: S, tell: (news: N) => void) => Promise<V[D]>;
};

export interface Messages<S, C, N> {
  /** Updates that give a command, by name. `ends`: it finds a place in any crowd. */
  readonly commands: { readonly [name: string]: { readonly accepted: string; readonly ends?: true } };
  /** Reads a command, synchronously: what is refused here leaves no event. */
  readonly guard: (name: string, input: unknown) => C | Refusal;
  readonly ask: Ask<S, C>;
  readonly queries: { readonly [name: string]: Query<S> };
  /** Signals that are news; anybody can send one, so `undefined` is none. All others are counted, and nothing else. */
  readonly signals?: { readonly [name: string]: (input: unknown, state: S) => N | undefined };
}

export interface Query<S> {
  readonly description: string;
  readonly answer: (state: S) => unknown;
}

/** The update that comes with the start: it is answered with where things stand, and never waits for people. */
export interface Ask<S, C> {
  readonly name: string;
  readonly description: string;
  /** Why it cannot be answered; it is asked as it comes in, so nothing is awaited. */
  readonly refuse: (input: unknown, state: S) => Refusal | undefined;
  /** Whether there is something to answer. It must be so in every state that `continues`. */
  readonly isSettled: (state: S) => boolean;
  /** The first caller waits as long as it takes: that needs no timer, which is two events. */
  readonly isFirstUntimed?: true;
  /** A command of the engine's own that comes first, for all who ask at once: a look whether it is still so. `late`: it took too long. */
  readonly first?: (state: S) => { readonly command: C; readonly late: Refusal } | undefined;
  readonly answer: (input: unknown, state: S) => object | Refusal;
}

/** Lists, pages and memo: pure functions of the state, asked once a turn. What did not change is not written. */
export interface Shown<S> {
  /** The engine cuts keywords to what servers list. */
  readonly attributesOf: (state: S) => Attributes;
  readonly memoOf?: (state: S) => Readonly<Record<string, unknown>>;
  /** The current details, in Markdown. */
  readonly pageOf: (state: S) => string;
  /**
   * Not worth an event where lists show the first state still, such as a call that is made at once. For this the client gives the
   * attributes of the first state with the start, all of them and no others.
   */
  readonly isPassing?: (state: S) => boolean;
}

/** How a run came to be. */
export interface Start<S> {
  /** The first argument of the workflow, for the next run. */
  readonly input: unknown;
  /** What it was started with besides, of unknown origin: the state of an earlier run, or nothing. */
  readonly carried: unknown;
  /** What is wrong with the input: then it refuses everything and ends so. */
  readonly invalid: ApplicationFailure | undefined;
  readonly begin: () => S;
  /** The state of the run before, in this one. */
  readonly goOn: (carried: S) => S;
}
