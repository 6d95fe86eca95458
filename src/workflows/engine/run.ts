import { ApplicationFailure } from '@temporalio/common';
import { allHandlersFinished, CancellationScope, condition, ContinueAsNew, log, sleep } from '@temporalio/workflow';
import type { EffectBase, MachineEvent, Values } from '../../domain/engine.ts';
import { isRefusal, type Refusal } from '../../domain/refusal.ts';
import type { RequestError } from '../../domain/view.ts';
import { toRequestError } from './activities.ts';
import { createAlarm, createClock, StaleTask } from './alarm.ts';
import { assertGoesOnFromOurs, clearBrought, continueAsNew, forged, hadItsShare, wrongStart } from './continue.ts';
import { refuseEverything, registerHandlers } from './handlers.ts';
import type { Host, Named, Start } from './host.ts';
import { allHeard, createDoor, createInbox, createNews, type Delivery } from './inbox.ts';
import { createOutbox } from './outbox.ts';
import { createPerformer } from './perform.ts';
import { createShow } from './show.ts';

/**
 * Runs a machine in this workflow until it is closed, over as many runs as that takes; its last state. Throws what is wrong with the
 * start, and an `InternalError` where our own code fails again and again.
 */
export async function runMachine<
  S,
  C extends Named,
  E extends EffectBase,
  V extends Values<E>,
  Call,
  Checked,
  A extends object,
  N,
>(host: Host<S, C, E, V, Call, Checked, A, N>, start: Start<S>): Promise<S> {
  const begun = wrongStart(start.carried) ?? start.invalid ?? firstState(start);
  if (begun instanceof ApplicationFailure) {
    clearBrought({ refused: true });
    refuseEverything([host.messages.ask.name, ...Object.keys(host.messages.commands)], begun);
    await condition(allHandlersFinished);
    throw begun;
  }
  const loop = new Loop(host, start, begun.state);
  let isStale = false;
  // Nothing below is cancelled half way: the inbox tells the loop that somebody asked for it.
  return CancellationScope.nonCancellable(async () => {
    if (start.carried !== undefined) await assertGoesOnFromOurs(loop.inbox);
    try {
      return await loop.run();
    } catch (error) {
      isStale = error instanceof StaleTask;
      throw error;
    } finally {
      loop.inbox.refuseRest(host.resolved);
      // A task that is to fail must not wait for anything.
      if (!isStale) await condition(allHandlersFinished);
    }
  });
}

function firstState<S>(start: Start<S>): { readonly state: S } | ApplicationFailure {
  if (start.carried === undefined) return { state: start.begin() };
  try {
    return { state: start.goOn(start.carried as S) };
  } catch {
    // Ours can be gone on from: a plain error would freeze it for ever.
    return forged();
  }
}

/** After so many faults of our own code without a rest in between nothing can hold it. */
const MOST_FAULTS = 3;

/** Effects that a caller waits for follow each other this often at most before the next message is looked at. */
const MOST_STEPS = 100;

/**
 * Takes one thing at a time: a command, a result, news, a time. It alone calls activities and sets timers, so that every race is a
 * plain order and replays the same way. What runs in the background fills the slot and does nothing else.
 */
class Loop<S, C extends Named, E extends EffectBase, V extends Values<E>, Call, Checked, A extends object, N> {
  readonly inbox = createInbox<C, A>((command) => this.machine.rank(this.state, command));
  private readonly host: Host<S, C, E, V, Call, Checked, A, N>;
  private readonly machine: Host<S, C, E, V, Call, Checked, A, N>['machine'];
  private readonly input: unknown;
  private readonly door = createDoor();
  private readonly news = createNews<N>();
  private readonly alarm = createAlarm();
  private readonly clock = createClock();
  private readonly outbox = createOutbox();
  private readonly work;
  private readonly show;
  private state: S;
  private faults = 0;

  constructor(host: Host<S, C, E, V, Call, Checked, A, N>, { input, carried }: Start<S>, first: S) {
    this.host = host;
    this.machine = host.machine;
    this.input = input;
    this.state = first;
    this.work = createPerformer<S, C, E, V, Checked, N>(host.effects, (news) => this.news.found(news));
    this.show = createShow(host.shown, carried === undefined ? first : undefined);
    registerHandlers<S, C, A, N>({
      messages: host.messages,
      inbox: this.inbox,
      door: this.door,
      news: this.news,
      state: () => this.state,
      refused: (command) => this.machine.refuse(this.state, command),
    });
  }

  async run(): Promise<S> {
    while (!this.machine.isClosed(this.state)) {
      const isWell = await this.guard(async () => {
        await this.takeOne();
        await this.settle();
      });
      // What follows from a fault comes before a rest.
      if (!isWell || this.machine.isClosed(this.state) || this.isCalled()) continue;
      await this.guard(async () => this.rest());
    }
    this.alarm.stop();
    this.inbox.refuseRest(this.host.resolved);
    try {
      this.show.turn(this.state);
    } catch (error) {
      // It is decided: that lists cannot tell it must not change it.
      log.error('the end cannot be shown', { error });
    }
    await this.outbox.send();
    // Temporal refuses the end of a workflow while something waits for it, and then forgets the whole task, answers included.
    if (this.work.hasDropped()) await sleep(1, { summary: 'End, once the answers are given' });
    return this.state;
  }

  /** This order is part of every history. */
  private async takeOne(): Promise<void> {
    await allHeard();
    this.clock.now();
    // A write that was made is a fact, before anything that came after it.
    if (this.work.running()?.stop === 'wait' && this.takeResult()) return;
    if (this.inbox.isCancelledAnew()) {
      this.inbox.hearCancelled();
      return this.apply({ kind: 'cancelled' });
    }
    const urgent = this.inbox.take('urgent');
    if (urgent) return this.command(urgent);
    if (this.takeResult()) return;
    const news = this.news.take();
    if (news !== undefined) return this.apply({ kind: 'news', news });
    // Who decides in time comes before the time.
    const next = this.inbox.take();
    if (next) return this.command(next);
    this.time();
  }

  private takeResult(): boolean {
    const result = this.work.take();
    if (result) this.apply(result);
    return result !== undefined;
  }

  private async command({ id, command }: Delivery<C>): Promise<void> {
    const refusal = this.machine.refuse(this.state, command);
    const checked = refusal ?? (await this.host.check(this.machine.call(this.state, command), command));
    // Only this loop moves the state, so it is still the one that was checked.
    if (isRefused(checked)) this.inbox.answer(id, checked);
    else this.apply({ kind: 'command', id, command, checked });
  }

  private time(): void {
    const rang = this.alarm.takeRing();
    const due = this.machine.deadline(this.state);
    if (rang === undefined || !due || due.at > rang) return;
    this.clock.assertPast(rang);
    this.apply({ kind: 'time' });
    if (this.machine.deadline(this.state)?.at === due.at) throw new Error(`time changes nothing: ${due.what}`);
  }

  /** Does what follows by itself. */
  private async settle(): Promise<void> {
    for (let step = 0; step < MOST_STEPS; step += 1) {
      const wanted = this.next();
      const running = this.work.running();
      const isUnwanted = running?.stop === 'drop' && running.key !== wanted?.key;
      if (isUnwanted) this.work.drop();
      if (!wanted || (running && !isUnwanted)) return;
      // The last look before a write.
      if (wanted.stop === 'wait') await allHeard();
      if (wanted.stop === 'wait' && this.isToldToEnd()) return;
      const effect = wanted.stop === 'wait' ? this.begun(wanted) : wanted;
      if (effect.lane === 'patient') {
        // People see what is under way before it takes long.
        this.show.turn(this.state);
        return this.work.start(effect, this.state);
      }
      this.apply(await this.work.perform(effect, this.state));
      // Who ends it comes in between two steps.
      if (this.isToldToEnd()) return;
    }
    throw new Error('one effect follows the other without an end');
  }

  private next(): E | undefined {
    return this.machine.next(this.state, this.clock.now());
  }

  /** The state knows that a write is under way before it is. */
  private begun(effect: E): E {
    this.apply({ kind: 'started', effect });
    const still = this.next();
    if (still?.key !== effect.key) throw new Error(`${effect.key} is not wanted any more once it is begun`);
    return still;
  }

  private apply(event: MachineEvent<C, E, V, Checked, N>): void {
    const { state, answers = [], outgoing = [] } = this.machine.transition(this.state, event, this.clock.now());
    this.state = state;
    for (const { to, answer } of answers) this.inbox.answer(to, answer);
    this.outbox.push(outgoing);
  }

  /** Once a turn, when nothing calls: shows, tells, and waits. */
  private async rest(): Promise<void> {
    this.show.turn(this.state);
    await this.outbox.send();
    if (this.isCalled()) return;
    this.work.rest();
    if (this.shouldContinue()) return continueAsNew(this.inbox, () => this.isQuiet(), this.input, this.state);
    const due = this.machine.deadline(this.state);
    this.alarm.set(due?.at, due?.what ?? '');
    // A fault in asking wakes the loop, which meets it where it can be handled: here it would freeze the workflow.
    await condition(() => this.isCalled() || orTrue(() => this.shouldContinue()));
    this.faults = 0;
  }

  private isCalled(): boolean {
    return orTrue(
      () =>
        this.work.isDone() ||
        !this.news.isEmpty() ||
        this.inbox.has() ||
        this.inbox.isCancelledAnew() ||
        this.alarm.isDue(),
    );
  }

  private isToldToEnd(): boolean {
    return this.inbox.isCancelledAnew() || this.inbox.has('urgent');
  }

  private shouldContinue(): boolean {
    const share = this.host.commandsPerRun(this.state);
    return hadItsShare(this.door.taken(), share) && this.isQuiet() && this.machine.continues(this.state);
  }

  /** Nothing is under way and nobody waits for this run. */
  private isQuiet(): boolean {
    const { work, inbox, news } = this;
    return !work.running() && inbox.isEmpty() && news.isEmpty() && !inbox.isCancelledAnew();
  }

  /** A plain error would freeze the workflow: the machine hears of it, as long as it can. Whether there was none. */
  private async guard(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (error instanceof ContinueAsNew || error instanceof StaleTask) throw error;
      const fault = toRequestError(error);
      log.error('a fault of the workflow code', { error });
      // Nobody knows which of them it was about.
      this.inbox.refuseRest(FAULT);
      this.faults += 1;
      if (this.faults > MOST_FAULTS) throw internal(fault.message);
      this.hearOf(fault);
      return false;
    }
  }

  private hearOf(error: RequestError): void {
    try {
      this.apply({ kind: 'broken', error });
    } catch (again) {
      if (again instanceof StaleTask) throw again;
      throw internal(toRequestError(again).message);
    }
  }
}

function orTrue(ask: () => boolean): boolean {
  try {
    return ask();
  } catch {
    return true;
  }
}

function isRefused(checked: unknown): checked is Refusal {
  return typeof checked === 'object' && checked !== null && isRefusal(checked);
}

function internal(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, 'InternalError', { type: 'InternalError', message });
}

const FAULT: Refusal = { code: 'Unavailable', message: 'Something failed just now: look how it stands.' };
