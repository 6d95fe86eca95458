import { defaultPayloadConverter, type Payload, type PayloadCodec } from '@temporalio/common';

const NOTHING: Payload = defaultPayloadConverter.toPayload(null);

/**
 * Anybody who reaches Temporal can write what no converter reads: broken JSON, an encoding that is not known. One such
 * signal would fail every task of a request from then on, and one such memo every list. It is read as nothing instead.
 */
export const readablePayloads: PayloadCodec = {
  encode: async (payloads) => payloads,
  decode: async (payloads) => payloads.map((payload) => (isReadable(payload) ? payload : NOTHING)),
};

function isReadable(payload: Payload): boolean {
  try {
    defaultPayloadConverter.fromPayload(payload);
    return true;
  } catch {
    return false;
  }
}
