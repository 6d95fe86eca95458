/**
 * `channel-admission/channel`: all that a file with a channel of one's own needs. `z` is zod.
 *
 * Channels are trusted code: they run in the worker, with its rights.
 */
export { z } from 'zod';
export type { NotificationKind } from '../domain/notification.ts';
export { defineChannel, FinalDeliveryError, isChannel } from '../notifications/channel.ts';
export type { Channel, ChannelContext, ChannelDefinition, ChannelProblem, Message } from '../notifications/channel.ts';
