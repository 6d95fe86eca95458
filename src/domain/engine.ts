/**
 * The contract between a pure machine and the engine that runs it in a workflow. A machine says what follows from an event
 * (`transition`), what is to be done next (`next`) and when time matters (`deadline`); the engine alone does it.
 * Nothing here knows Temporal. Times are in ms since 1970; the engine reads the clock, never a machine.
 */
import type { Refusal } from './refusal.ts';
import type { NotificationEvent } from './notification.ts';
import type { ChildProgress } from './onboarding/messages.ts';
import type { RequestError } from './view.ts';

/** `${run}.${number}` of a command that waits for its answer. It stands in the state only while an effect has to come first. */
export type CommandId = string;

/** Something to be done outside, as data. The same wish has the same key: that is how the engine knows what is under way. */
export interface EffectBase {
  readonly do: string;
  readonly key: string;
  /**
   * `quick`: a local activity of a few seconds, awaited; if it fails in a way that may pass, the machine hears `failed` with
   * `retryable`, and asks for the same in another lane. `firm`: an ordinary activity of at most 5 s, awaited, since somebody waits for
   * the answer. `patient`: in the background, for as long as it takes.
   */
  readonly lane: 'quick' | 'firm' | 'patient';
  /** `drop`: a read, cancelled and forgotten once it is no longer wanted. `wait`: a write; its state is left only by its result. */
  readonly stop: 'drop' | 'wait';
}

/** What each effect comes to, by its `do`. */
export type Values<E extends EffectBase> = { readonly [D in E['do']]: unknown };

/** An effect with what it came to. */
export type ResultOf<E extends EffectBase, V extends Values<E>> = {
  readonly [D in E['do']]: { readonly effect: Extract<E, { readonly do: D }>; readonly value: V[D] };
}[E['do']];

export type MachineEvent<C, E extends EffectBase, V extends Values<E>, Checked, News = never> =
  /** Verified: a refused one never reaches the machine. `checked`: what the verification found. */
  | { readonly kind: 'command'; readonly id: CommandId; readonly command: C; readonly checked: Checked }
  | ({ readonly kind: 'result' } & ResultOf<E, V>)
  | { readonly kind: 'failed'; readonly effect: E; readonly error: RequestError; readonly retryable: boolean }
  /** Comes right before an effect with `stop: 'wait'` is begun. */
  | { readonly kind: 'started'; readonly effect: E }
  /** The deadline has come. */
  | { readonly kind: 'time' }
  /** Somebody cancelled the workflow in Temporal. */
  | { readonly kind: 'cancelled' }
  /** A fault of our own code. */
  | { readonly kind: 'broken'; readonly error: RequestError }
  | { readonly kind: 'news'; readonly news: News };

/** Sent at the end of a turn, in order; nobody waits for the answer. */
export type Outgoing =
  | { readonly to: 'people'; readonly event: NotificationEvent }
  | { readonly to: 'parent'; readonly progress: ChildProgress };

export interface Step<S, Answer> {
  readonly state: S;
  readonly answers?: readonly { readonly to: CommandId; readonly answer: Answer | Refusal }[];
  readonly outgoing?: readonly Outgoing[];
}

export interface Deadline {
  /** ms since 1970. */
  readonly at: number;
  /** In words, for people who look at the timers. */
  readonly what: string;
}

/**
 * S: state; C: commands, by `name`; E: effects; V: what these come to; Call: what the verifying activity must know of a
 * command besides itself; Checked: what it found.
 */
export interface Machine<S, C, E extends EffectBase, V extends Values<E>, Call, Checked, Answer, News = never> {
  /** Total: it never throws, and an event that means nothing here leaves the state as it is. */
  transition(state: S, event: MachineEvent<C, E, V, Checked, News>, now: number): Step<S, Answer>;
  /** What is to be done now; the same state wishes the same, with the same key. */
  next(state: S, now: number): E | undefined;
  /** When time does something next, unless something else comes before. */
  deadline(state: S): Deadline | undefined;
  /** Why a command cannot be given now; asked when it comes, and again when its turn comes. */
  refuse(state: S, command: C): Refusal | undefined;
  /** 0 comes first: what ends something. `undefined`: it has to wait in the inbox for now. */
  rank(state: S, command: C): number | undefined;
  /** What to verify about a command; `undefined`: nobody has to answer for it. */
  call(state: S, command: C): Call | undefined;
  /** Whether it may go on as a new run here. */
  continues(state: S): boolean;
  isClosed(state: S): boolean;
}

/** Begins the message of a task, or of a query, that failed since its clock stood still: asked again, it is answered. */
export const CLOCK_STANDS_STILL = 'The clock stands still';
