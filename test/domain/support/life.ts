/**
 * A life of a pure machine without Temporal: the loop of the engine over a virtual clock, with everything that it promises
 * to a machine (docs/decisions), and what a machine promises in turn checked on the way. What happens outside is the world's
 * to say.
 */
import { expect } from 'vitest';
import type { CommandId, EffectBase, Machine, MachineEvent, Outgoing, Values } from '../../../src/domain/engine.ts';
import { isRefusal } from '../../../src/domain/refusal.ts';
import type { Refusal } from '../../../src/domain/refusal.ts';
import type { RequestError } from '../../../src/domain/view.ts';

export type Outcome = { readonly value: unknown } | { readonly error: RequestError; readonly retryable: boolean };

/** Everything outside of a machine. */
export interface World<S, C, E, Call, Checked extends object> {
  /** The verification of a command. */
  check(state: S, command: C, call: Call | undefined): Checked | Refusal;
  /** The outcome of an effect that is awaited; one in the background ends when `finish` says so. */
  perform(effect: E, state: S): Outcome;
  /** Takes away what a refused command may leave. */
  comparable?(state: S): unknown;
  /** More that has to hold of each transition. */
  seen?(before: S, event: { readonly kind: string }, after: S): void;
}

interface Delivery<C> {
  readonly id: CommandId;
  readonly command: C;
}

export function createLife<
  S extends object,
  C,
  E extends EffectBase,
  V extends Values<E>,
  Call,
  Checked extends object,
  A extends object,
  N,
>(
  machine: Machine<S, C, E, V, Call, Checked, A, N>,
  world: World<S, C, E, Call, Checked>,
  first: { readonly state: S; readonly now: number; /** Checks what takes long, too. */ readonly thorough?: boolean },
) {
  let { state, now } = first;
  const { thorough = false } = first;
  const inbox: Delivery<C>[] = [];
  const news: N[] = [];
  const answers = new Map<CommandId, A | Refusal>();
  const outgoing: Outgoing[] = [];
  let slot: { readonly effect: E; outcome?: Outcome } | undefined;
  let isCancelled = false;
  let given = 0;

  const apply = (event: MachineEvent<C, E, V, Checked, N>) => {
    const before = state;
    const step = machine.transition(before, event, now);
    if (thorough) expect(machine.transition(copy(before), copy(event), now)).toEqual(copy(step));
    ({ state } = step);
    for (const { to, answer } of step.answers ?? []) {
      if (answers.has(to)) throw new Error(`${to} was answered before`);
      answers.set(to, answer);
    }
    outgoing.push(...(step.outgoing ?? []));
    if (event.kind === 'command') {
      const answer = answers.get(event.id);
      if (answer && isRefusal(answer) && state !== before) expect(compared(state)).toEqual(compared(before));
    }
    // A write that was begun must be known before it is over.
    if (slot?.effect.stop === 'wait' && event.kind !== 'broken' && machine.isClosed(state)) {
      throw new Error(`it closed while ${slot.effect.key} was under way`);
    }
    world.seen?.(before, event, state);
  };
  const compared = (one: S) => world.comparable?.(one) ?? one;
  const taken = (limit = Number.MAX_SAFE_INTEGER) => {
    const ranked = inbox.flatMap((one) => {
      const rank = machine.rank(state, one.command);
      return rank === undefined || rank > limit ? [] : [{ one, rank }];
    });
    return ranked.toSorted((a, b) => a.rank - b.rank)[0]?.one;
  };
  const take = (delivery: Delivery<C>) => {
    inbox.splice(inbox.indexOf(delivery), 1);
    const { id, command } = delivery;
    const checked = machine.refuse(state, command) ?? world.check(state, command, machine.call(state, command));
    if (isRefusal(checked)) answers.set(id, checked);
    else apply({ kind: 'command', id, command, checked });
  };
  const settleSlot = () => {
    const { effect, outcome } = slot ?? {};
    slot = undefined;
    if (!effect || !outcome) return;
    apply(resultOf<C, E, V, Checked, N>(effect, outcome));
  };
  const isDue = () => (machine.deadline(state)?.at ?? Number.POSITIVE_INFINITY) <= now;

  /** One thing, in the order of the engine. Whether there was any. */
  const takeOne = (): boolean => {
    const [urgent, any] = [taken(0), taken()];
    if (slot?.outcome && slot.effect.stop === 'wait') settleSlot();
    else if (isCancelled) {
      isCancelled = false;
      apply({ kind: 'cancelled' });
    } else if (urgent) take(urgent);
    else if (slot?.outcome) settleSlot();
    else if (news.length > 0) apply({ kind: 'news', news: news.shift() as N });
    else if (any) take(any);
    else if (isDue()) {
      const before = machine.deadline(state)?.at;
      apply({ kind: 'time' });
      // The engine would spin for ever.
      if (machine.deadline(state)?.at === before) throw new Error('time does nothing at the deadline');
    } else return false;
    return true;
  };

  const settle = () => {
    for (let turn = 0; turn < 10; turn += 1) {
      const want = machine.next(state, now);
      if (slot && slot.effect.key !== want?.key && slot.effect.stop === 'drop') slot = undefined;
      if (!want || slot) return;
      if (want.stop === 'wait') {
        if (taken(0) || isCancelled) return;
        apply({ kind: 'started', effect: want });
        // Else the engine would throw.
        if (machine.next(state, now)?.key !== want.key) throw new Error(`${want.key} is not wanted once it is begun`);
      }
      if (want.lane === 'patient') {
        slot = { effect: want };
        return;
      }
      apply(resultOf<C, E, V, Checked, N>(want, world.perform(want, state)));
      if (taken(0) || isCancelled) return;
    }
    throw new Error('next() never comes to rest');
  };

  return {
    get state() {
      return state;
    },
    get now() {
      return now;
    },
    /** The effect in the background. */
    get slot(): E | undefined {
      return slot?.outcome ? undefined : slot?.effect;
    },
    answers,
    outgoing,
    /** Gives a command; its id. A refusal of the validator is its answer. */
    give(command: C): CommandId {
      given += 1;
      const id = `1.${given}`;
      const refusal = machine.refuse(state, command);
      if (refusal) answers.set(id, refusal);
      else inbox.push({ id, command });
      return id;
    },
    hear: (one: N) => void news.push(one),
    cancel() {
      isCancelled = true;
    },
    pass(ms: number) {
      now += ms;
    },
    /** The effect in the background ends. */
    finish(outcome: Outcome) {
      if (slot) slot.outcome = outcome;
    },
    /** Somebody else's run goes on from it, or it is replayed. */
    kill() {
      state = copy(state);
    },
    replace(change: (before: S) => S) {
      state = change(state);
    },
    get canContinue() {
      return slot === undefined && inbox.length === 0 && news.length === 0 && !isCancelled && machine.continues(state);
    },
    /** Does everything that can be done now, until it is at rest or closed. */
    turn() {
      for (let turns = 0; turns < 1_000; turns += 1) {
        const before = state;
        const went = takeOne();
        settle();
        if (machine.isClosed(state)) {
          for (const { id } of inbox.splice(0)) answers.set(id, CLOSED);
          break;
        }
        if (!went && state === before) break;
      }
      if (thorough) expectHonest();
    },
    /** Number of commands without an answer. */
    unanswered: () => given - answers.size,
  };

  /** Time does nothing before the deadline, and something at it. */
  function expectHonest() {
    const due = machine.deadline(state);
    if (!due || machine.isClosed(state)) return;
    expect(machine.transition(state, { kind: 'time' }, due.at - 1).state).toEqual(state);
    expect(machine.transition(state, { kind: 'time' }, due.at).state).not.toEqual(state);
  }
}

const CLOSED: Refusal = { code: 'AlreadyResolved', message: 'closed' };

function resultOf<C, E extends EffectBase, V extends Values<E>, Checked, N>(
  effect: E,
  outcome: Outcome,
): MachineEvent<C, E, V, Checked, N> {
  const event =
    'value' in outcome ? { kind: 'result', effect, value: outcome.value } : { kind: 'failed', effect, ...outcome };
  return event as MachineEvent<C, E, V, Checked, N>;
}

function copy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
