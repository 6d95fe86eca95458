import type { Delivery, NotificationEvent, NotificationSubject, Routing } from '../domain/notification.ts';
import type { Channel, ChannelContext } from './channel.ts';
import type { Rule } from './config-schema.ts';
import { messageFor } from './message.ts';
import { route } from './route.ts';

/** One configured use of a channel. */
export interface ChannelBinding {
  readonly channel: Channel;
  readonly context: ChannelContext<unknown>;
}

export interface NotificationsConfig {
  readonly rules: readonly Rule[];
  readonly operators: readonly string[];
  readonly link?: string;
  readonly retry: Routing['retry'];
  /** By name. */
  readonly channels: ReadonlyMap<string, ChannelBinding>;
}

/** Who is told of what, and how. */
export interface Notifications {
  routing(event: NotificationEvent): Routing;
  /** Sends one message once. Throws what went wrong; `isFinal` tells whether trying again could help. */
  deliver(about: NotificationSubject, delivery: Delivery, signal: AbortSignal): Promise<void>;
}

export function createNotifications({ rules, operators, link, retry, channels }: NotificationsConfig): Notifications {
  return {
    routing: (event) => ({ deliveries: route(event, rules, operators), retry }),
    async deliver(about, delivery, signal) {
      const binding = channels.get(delivery.channel);
      // Another worker may have it, or this one after the next deployment.
      if (!binding) throw new Error(`this worker has no channel ${delivery.channel}`);
      await binding.channel.deliver(messageFor(about, delivery, link), { ...binding.context, signal });
    },
  };
}

/** Whether an error says of itself that trying again cannot help. */
export function isFinal(error: unknown): boolean {
  return error instanceof Error && (error as { nonRetryable?: unknown }).nonRetryable === true;
}
