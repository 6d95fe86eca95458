/**
 * `channel-admission/webhook`: for services that receive notifications, or questions of the policy `http`. Signatures are
 * checked by a library of Standard Webhooks, such as `standardwebhooks` on npm.
 */
export { createReplayGuard } from './replay-guard.ts';
export type { ReplayGuard } from './replay-guard.ts';
export type { WebhookBody } from '../notifications/channels/webhook.ts';
export type { WebhookHeaders } from '../standard-webhooks.ts';
