import { onTestFinished } from 'vitest';
import type { Delivery, NotificationEvent } from '../../src/domain/notification.ts';
import { isFinal } from '../../src/notifications/notifications.ts';
import { startSmtpServer } from '../support/smtp-server.ts';
import type { SmtpOptions } from '../support/smtp-server.ts';
import { notificationsOf } from './config-folder.ts';
import { deliveryTo, eventOf, user } from './events.ts';

export async function smtp(options?: SmtpOptions) {
  const server = await startSmtpServer(options);
  onTestFinished(() => server.close());
  return server;
}

const people = (...names: string[]) => Object.fromEntries(names.map((name) => [user(name), `${name}@example.com`]));

const mail = (url: string, params: object = {}) => ({
  name: 'mail',
  use: 'email',
  params: { smtp: url, from: 'admission@example.com', addresses: people('mona', 'max', 'ada'), ...params },
});

export const configOf = (url: string, params?: object) => ({
  apiVersion: 'admission/v1',
  link: 'https://admit.example.com/{id}?a=1&b=2',
  channels: [mail(url, params)],
});

export const to = (name: string, changes: Partial<Delivery> = {}) => deliveryTo(name, { channel: 'mail', ...changes });

export async function sender(url: string, params?: object) {
  const notifications = await notificationsOf(configOf(url, params));
  return (delivery: Delivery, event: NotificationEvent = eventOf()) =>
    notifications.deliver(event, delivery, new AbortController().signal);
}

export async function failureOf(sending: Promise<void>): Promise<{ message: string; final: boolean }> {
  const error = await sending.then(
    () => new Error('it was sent'),
    (reason: unknown) => reason as Error,
  );
  return { message: error.message, final: isFinal(error) };
}
