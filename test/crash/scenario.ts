import type { Stage } from './stage.ts';

/** What happens while no worker runs. */
export type Meanwhile = () => Promise<void>;

/** A request whose worker dies in one state. It is played twice: undisturbed, and with the crash. */
export interface Scenario {
  /** Where the request stands when the worker dies, as its memo says. */
  readonly at: string;
  /** Environment variables of the worker that dies and of the one that comes after it. */
  readonly settings?: Record<string, string>;
  /** How the request ends. */
  readonly ends: object;
  /** The statuses of the calls that added the member, and of our calls that removed them; 0 is one that the worker did not live to hear of. */
  readonly creates: readonly number[];
  readonly deletes?: readonly number[];
  /** Plays it all; `crash` comes where the worker dies, and returns once another one runs. */
  play(stage: Stage, crash: Crash): Promise<void>;
}

/** `when`: what is waited for besides the state, where a worker that does not die never comes to it. */
export type Crash = (meanwhile?: Meanwhile, when?: () => Promise<void>) => Promise<void>;

export const CREATE = 'CreateChannelMembership';
export const DELETE = 'DeleteChannelMembership';
export const DESCRIBE = 'DescribeChannelMembership';
/** Chime, and not only one call of it, is away for a few seconds. */
export const OUTAGE = { kind: 'status', status: 503 };
export const THROTTLED = { kind: 'exception', name: 'ThrottledClientException', retryAfter: 1 };
export const FORBIDDEN = { kind: 'exception', name: 'ForbiddenException' };
export const slow = (ms: number) => ({ kind: 'delay', ms });
