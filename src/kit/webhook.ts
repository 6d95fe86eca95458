/** `channel-admission/webhook`: for services that receive notifications, or questions of the policy `http`. */
export { createReplayGuard } from './replay-guard.ts';
export type { ReplayGuard } from './replay-guard.ts';
export { DELIVERY_HEADER, ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER, verifySignature } from '../signature.ts';
export type { SignedMessage } from '../signature.ts';
export type { WebhookBody } from '../notifications/channels/webhook.ts';
