import type { Failure } from './failure.ts';
import type { Input } from './input.ts';
import type { Operation } from './model.ts';
import type { AppInstance, Channel, State } from './state.ts';

export type SelfJoin = 'allow' | 'deny';

/** The state, and how to read the one cell of the role table that the docs contradict. */
export interface World {
  readonly state: State;
  readonly publicSelfJoin: SelfJoin;
}

export interface Call {
  readonly operation: Operation;
  readonly input: Input;
  readonly world: World;
}

/** A call by a user or bot that exists. */
export interface BearerCall extends Call {
  readonly bearer: string;
  readonly instance: AppInstance;
}

/** A call about a channel that exists in the bearer's app instance. */
export interface ChannelCall extends BearerCall {
  readonly channel: Channel;
}

export type Output = Readonly<Record<string, unknown>>;
export type Handlers<C extends Call> = Readonly<Record<string, (call: C) => Output | Failure>>;
