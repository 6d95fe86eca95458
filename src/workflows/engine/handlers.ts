import { ApplicationFailure, TemporalFailure } from '@temporalio/common';
import {
  CancellationScope,
  condition,
  defineQuery,
  defineSignal,
  defineUpdate,
  setDefaultSignalHandler,
  setHandler,
} from '@temporalio/workflow';
import { isRefusal, type Refusal } from '../../domain/refusal.ts';
import { toRequestError } from './activities.ts';
import type { Ask, Messages, Named } from './host.ts';
import { BUSY, CONTINUING, MOST_INSIDE, MOST_TAKEN, refuse, type Door, type Inbox, type News } from './inbox.ts';

/** A caller waits no longer for the first answer: then it is told how far it is. */
const ANSWER_WITHIN_MS = 5_000;

/** What the handlers of a run share with its loop. */
export interface Reception<S, C, A, N> {
  readonly messages: Messages<S, C, N>;
  readonly inbox: Inbox<C, A>;
  readonly door: Door;
  readonly news: News<N>;
  readonly state: () => S;
  /** The machine's word, for validators. */
  readonly refused: (command: C) => Refusal | undefined;
}

/** Registers every message. Arguments come from anywhere, the Temporal UI included: they are read, whatever their type says. */
export function registerHandlers<S, C extends Named, A extends object, N>(at: Reception<S, C, A, N>): void {
  const { messages, door, news, state } = at;
  for (const [name, { description, answer }] of Object.entries(messages.queries)) {
    setHandler(defineQuery<unknown>(name), () => answer(state()), { description });
  }
  for (const [name, read] of Object.entries(messages.signals ?? {})) {
    // A signal that throws fails the workflow: nonsense is no news.
    setHandler(defineSignal<[unknown]>(name), (input) => {
      door.count();
      const said = unless(() => read(input, state()));
      if (said !== undefined) news.heard(said);
    });
  }
  registerAsk(at);
  for (const name of Object.keys(messages.commands)) registerCommand(name, at);
}

/** Validators are synchronous, since the SDK drops an async one's promise. */
function registerCommand<S, C extends Named, A extends object, N>(name: string, at: Reception<S, C, A, N>): void {
  const { messages, inbox, door } = at;
  const { accepted = '', ends: isUrgent = false } = messages.commands[name] ?? {};
  const read = (input: unknown): C => {
    const command = messages.guard(name, input);
    if (isRefusal(command)) throw refuse(command);
    return command;
  };
  const submit = async (input: unknown) => {
    // Those of one instant were let in before any of them was inside.
    if (door.inside() > MOST_INSIDE && !isUrgent) throw refuse(BUSY);
    return inbox.submit(read(input));
  };
  setHandler(
    defineUpdate<A, [unknown]>(name),
    guarded(async (input) => door.enter(async () => submit(input))),
    {
      validator: (input) => {
        const command = read(input);
        if (inbox.isClosed()) throw refuse(CONTINUING);
        if (door.inside() >= MOST_INSIDE && !isUrgent) throw refuse(BUSY);
        assertAllowed(at.refused(command));
      },
      description: `${name}: { ${accepted} }`,
    },
  );
}

function registerAsk<S, C extends Named, A extends object, N>(at: Reception<S, C, A, N>): void {
  const { messages, inbox, door, state } = at;
  const { ask } = messages;
  let asked = 0;
  const settled = () => ask.isSettled(state());
  // One caller may wait as long as it takes: the service gives up by itself. There are ten places only.
  const wait = async (isFirst: boolean) =>
    isFirst
      ? condition(settled)
      : condition(settled, ANSWER_WITHIN_MS, { summary: 'Answer the caller, however far it is' });
  const answerTo = async (input: unknown): Promise<object> => {
    asked += 1;
    const isFirst = asked === 1 && ask.isFirstUntimed === true;
    await look(ask, at);
    // Where many wait, the next hear at once how far it is: they may not keep out who decides.
    if (door.inside() < MOST_INSIDE) await wait(isFirst);
    const answer = ask.answer(input, state());
    if (isRefusal(answer)) throw refuse(answer);
    return answer;
  };
  setHandler(
    defineUpdate<object, [unknown]>(ask.name),
    guarded(async (input) => door.enter(async () => answerTo(input))),
    {
      validator: (input) => {
        if (inbox.isClosed()) throw refuse(CONTINUING);
        if (door.taken() >= MOST_TAKEN) throw refuse(BUSY);
        assertAllowed(ask.refuse(input, state()));
      },
      description: ask.description,
    },
  );
}

/** Has done first what the state asks for; what that refuses is the answer, unless the state is another by then. */
async function look<S, C extends Named, A extends object, N>(
  ask: Ask<S, C>,
  { inbox, door, state }: Reception<S, C, A, N>,
): Promise<void> {
  const first = ask.first?.(state());
  if (!first) return;
  if (inbox.isClosed()) throw refuse(CONTINUING);
  if (door.inside() > MOST_INSIDE) throw refuse(BUSY);
  const answer = (await inbox.share(first.command, ANSWER_WITHIN_MS, 'Look whether it is still so')) ?? first.late;
  if (isRefusal(answer) && ask.first?.(state())) throw refuse(answer);
}

/** Of a workflow that fails on what it was started with: a validator that refuses in the same task hangs some servers. */
export function refuseEverything(names: readonly string[], failure: ApplicationFailure): void {
  const refusing = guarded(async (): Promise<never> => {
    throw failure;
  });
  for (const name of names) setHandler(defineUpdate<never, [unknown]>(name), refusing);
  setDefaultSignalHandler(() => undefined);
}

/**
 * Every handler goes through this: a plain error would freeze the whole workflow, and a cancelled one could give no answer.
 */
export function guarded<P extends unknown[], R>(handler: (...args: P) => Promise<R>): (...args: P) => Promise<R> {
  return (...args) =>
    CancellationScope.nonCancellable(async () => {
      try {
        return await handler(...args);
      } catch (error) {
        if (error instanceof TemporalFailure) throw error;
        const { message } = toRequestError(error);
        throw ApplicationFailure.nonRetryable(`internal error: ${message.slice(0, 300)}`, 'InternalError');
      }
    });
}

function assertAllowed(refusal: Refusal | undefined): void {
  if (refusal) throw refuse(refusal);
}

function unless<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
