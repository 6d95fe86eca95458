import type { Delivery, NotificationEvent } from '../../src/domain/notification.ts';

export const HOME = 'arn:aws:chime:us-east-1:111122223333:app-instance/home';
export const user = (id: string) => `${HOME}/user/${id}`;
export const channel = (id: string) => `${HOME}/channel/${id}`;

/** alice asks to join board, and mona, max and ada may review. */
export function eventOf(changes: Partial<NotificationEvent> = {}): NotificationEvent {
  return {
    id: 'join:board:alice:0a1b2c3d/7e6f/1',
    kind: 'pending',
    at: '2026-01-05T12:00:00.000Z',
    workflowId: 'join:board:alice:0a1b2c3d',
    runId: '7e6f',
    request: { channelArn: channel('board'), memberArn: user('alice'), requestedBy: user('alice'), type: 'DEFAULT' },
    requester: user('alice'),
    member: user('alice'),
    approvers: [user('mona'), user('max'), user('ada')],
    reviewers: [],
    ...changes,
  };
}

/** bob asks to let alice join board, HIDDEN. */
export function hiddenEvent(changes: Partial<NotificationEvent> = {}): NotificationEvent {
  return eventOf({
    request: { channelArn: channel('board'), memberArn: user('alice'), requestedBy: user('bob'), type: 'HIDDEN' },
    requester: user('bob'),
    ...changes,
  });
}

export function deliveryTo(name: string, changes: Partial<Delivery> = {}): Delivery {
  return { id: `d-${name}`, channel: 'chat', to: user(name), as: 'approvers', ...changes };
}
