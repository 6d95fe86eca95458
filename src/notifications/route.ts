import { createHash } from 'node:crypto';
import { isUser } from '../domain/arn.ts';
import { RELATIONS } from '../domain/notification.ts';
import type { Delivery, NotificationEvent, Relation } from '../domain/notification.ts';
import type { Rule } from './config-schema.ts';

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
