import type { z } from 'zod';
import type { NotificationKind, NotificationSubject, Relation } from '../domain/notification.ts';

/** What one person is told. All texts are plain: no control characters, and what users wrote is cut short. */
export interface Message {
  /** The same whenever it is sent again: whoever has seen it may ignore it. */
  readonly id: string;
  /** User ARN. */
  readonly to: string;
  readonly as: Relation;
  readonly kind: NotificationKind;
  /** When it happened, ISO 8601. */
  readonly at: string;
  /** One line, and nothing in it that a user wrote. */
  readonly subject: string;
  /** The text, a paragraph each. */
  readonly text: readonly string[];
  readonly link?: string;
  /** For programs; none where the member must not be named to this person. */
  readonly about?: Pick<NotificationSubject, 'workflowId' | 'request' | 'code' | 'message' | 'dueAt'>;
}

/** What a channel may use besides the message. */
export interface ChannelContext<Params> {
  readonly params: Params;
  /** The folder of the configuration file: relative paths begin here. */
  readonly folder: string;
  /** The value of an environment variable, `undefined` where there is none. */
  readonly secret: (variable: string) => string | undefined;
}

/** Something that is missing for a channel to work; the path begins at its params. */
export interface ChannelProblem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly accepted?: string;
}

/** A way to reach people, as its author writes it. */
export interface ChannelDefinition<Schema extends z.ZodType> {
  /** A name in kebab-case; a channel of the configuration `use`s a built-in one by it. */
  readonly id: string;
  readonly params: Schema;
  /** What is missing, such as a secret. Asked when the worker starts, which any answer keeps from starting. */
  check?(context: ChannelContext<z.output<Schema>>): readonly ChannelProblem[] | Promise<readonly ChannelProblem[]>;
  /** Sends the message once. What it throws makes the host try again later, except a FinalDeliveryError. */
  deliver(message: Message, context: ChannelContext<z.output<Schema>> & { signal: AbortSignal }): Promise<void>;
}

/** A channel as the host sees it: params are checked at run time. */
export type Channel = ChannelDefinition<z.ZodType>;

/** An error that trying again cannot mend, such as a recipient whom nobody knows. */
export class FinalDeliveryError extends Error {
  override readonly name = 'FinalDeliveryError';
  /** Read by the host; a property, so that it also counts for an error of another copy of this package. */
  readonly nonRetryable = true;
}

const BRAND = Symbol.for('channel-admission/channel');

/** Whether something is a channel that `defineChannel` made, also by another copy of this package. */
export function isChannel(value: unknown): value is Channel {
  return typeof value === 'object' && value !== null && BRAND in value;
}

export function defineChannel<Schema extends z.ZodType>(definition: ChannelDefinition<Schema>): Channel {
  // From here on the type of the params is forgotten: the host checks them.
  return Object.freeze({ ...(definition as unknown as Channel), [BRAND]: true });
}
