import { createHash } from 'node:crypto';
import { isUser } from '../domain/arn.ts';
import {
  RELATIONS,
  type Delivery,
  type NotificationEvent,
  type NotificationSubject,
  type Routing,
  type Relation,
} from '../domain/notification.ts';
import type { Channel, ChannelContext } from './channel.ts';
import type { Rule } from './config-schema.ts';
import { messageFor } from './message.ts';

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

/**
 * One delivery for each person who hears of an event: of all rules and channels the first that reaches them counts.
 * Only users are told; bots are not people.
 */
export function route(event: NotificationEvent, rules: readonly Rule[], operators: readonly string[]): Delivery[] {
  const people = peopleOf(event, operators);
  const chosen = new Map<string, Delivery>();
  for (const rule of rules) {
    if (!applies(rule, event)) continue;
    for (const { to, as } of rule.to.flatMap((addressees) => reached(addressees, people))) {
      if (chosen.has(to) || !isUser(to)) continue;
      const own = as === 'member' && to === event.requester;
      chosen.set(to, { id: deliveryId(event.id, to), channel: rule.by, to, as: own ? 'requester' : as });
    }
  }
  return [...chosen.values()];
}

type People = Readonly<Record<Exclude<Relation, 'users'>, readonly string[]>>;

function peopleOf(
  { requester, member, approvers, reviewers }: NotificationEvent,
  operators: readonly string[],
): People {
  return { requester: [requester], member: [member], approvers, reviewers, operators };
}

function applies({ when, if: condition = {} }: Rule, { kind, request }: NotificationEvent): boolean {
  const { type = request.type, channel = request.channelArn } = condition;
  return when.includes(kind) && type === request.type && channel === request.channelArn;
}

function reached(addressees: Rule['to'][number], people: People): { to: string; as: Relation }[] {
  if (typeof addressees === 'string') return people[addressees].map((to) => ({ to, as: addressees }));
  // Whoever is named in a rule may have to do with the request, and is then spoken to as such.
  return addressees.users.map((to) => ({
    to,
    as: RELATIONS.find((relation) => relation !== 'users' && people[relation].includes(to)) ?? 'users',
  }));
}

function deliveryId(event: string, to: string): string {
  return createHash('sha256')
    .update(JSON.stringify([event, to]))
    .digest('hex')
    .slice(0, 32);
}

/** Who hears of what where nothing else is said: whoever has to act, and of the outcome everybody who had part in it. */
export function usualRules(by: string): Rule[] {
  const everybody: Rule['to'] = ['requester', 'member', 'reviewers', 'approvers'];
  return [
    { when: ['pending', 'remind', 'escalated', 'amended', 'onboardingReview'], to: ['approvers'], by },
    { when: ['inputNeeded', 'changesRequested'], to: ['requester'], by },
    { when: ['termEnds', 'onboardingWaits', 'onboardingEnded'], to: ['requester', 'member'], by },
    { when: ['onboardingInput'], to: ['member'], by },
    { when: ['joined', 'alreadyMember', 'denied', 'expired', 'withdrawn'], to: everybody, by },
    { when: ['revoked', 'extended', 'notExtended'], to: everybody, by },
    { when: ['failed', 'overridden'], to: [...everybody, 'operators'], by },
    { when: ['incident', 'onboardingIncident'], to: ['operators'], by },
  ];
}
