import { randomUUID } from 'node:crypto';
import type { ChannelCall, Handlers, Output } from '../call.ts';
import { badRequest, type Failure } from '../failure.ts';
import { optionalText, text } from '../input.ts';

/** "STANDARD messages can be up to 4KB in size", "CONTROL messages are limited to 30 bytes". */
const maximumBytes: Readonly<Record<string, number>> = { STANDARD: 4096, CONTROL: 30 };

/** Sends a message; a repeat with the same ClientRequestToken by the same bearer answers as the first one did. */
function send({ channel, input, bearer }: ChannelCall): Output | Failure {
  const type = text(input, 'Type');
  const content = text(input, 'Content');
  const most = maximumBytes[type] ?? 0;
  if (Buffer.byteLength(content) > most) return badRequest(`Content of a ${type} message has at most ${most} bytes`);
  if (channel.elastic && optionalText(input, 'SubChannelId') === undefined) {
    return badRequest('SubChannelId is required on elastic channels');
  }
  const token = text(input, 'ClientRequestToken');
  const earlier = channel.messages.find((each) => each.token === token && each.sender === bearer);
  const id = earlier?.id ?? randomUUID();
  if (!earlier) {
    const persistence = text(input, 'Persistence');
    channel.messages.push({ id, sender: bearer, content, type, persistence, token, createdAt: Date.now() });
  }
  return { ChannelArn: channel.arn, MessageId: id, Status: { Value: 'SENT' } };
}

export const messageHandlers: Handlers<ChannelCall> = { SendChannelMessage: send };
