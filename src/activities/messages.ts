import { SendChannelMessageCommand } from '@aws-sdk/client-chime-sdk-messaging';
import { cancellationSignal } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { readable, sentAnswer } from '../chime/answers.ts';
import type { ChimeClients } from '../chime/client.ts';
import { digestOf } from '../identity/digest.ts';
import { requiredBearer, chimeFailure, rowOf } from './chime-failure.ts';

export interface SendCall {
  readonly channelArn: string;
  readonly text: string;
  /** The same for the same message, whatever is tried again: then it is sent once. */
  readonly messageId: string;
}

export interface MessageDependencies extends Pick<ChimeClients, 'messaging'> {
  readonly bearers: readonly string[];
}

export function createMessageActivities({ messaging, bearers }: MessageDependencies) {
  return {
    /** Writes to a channel as the service bearer, once in effect; fails as the retry table says. */
    async sendMessage({ channelArn, text, messageId }: SendCall): Promise<void> {
      // A text may be nothing but an answer that nobody gave.
      if (text.trim() === '') return;
      const command = new SendChannelMessageCommand({
        ChannelArn: channelArn,
        Content: withinLimit(text),
        Type: 'STANDARD',
        Persistence: 'PERSISTENT',
        ClientRequestToken: digestOf(messageId),
        ChimeBearer: requiredBearer(channelArn, bearers),
      });
      try {
        // Sent again with the same token, it is sent once: an answer that says nothing is no reason to believe it was.
        readable(sentAnswer, await messaging.send(command, { abortSignal: cancellationSignal() }));
      } catch (error) {
        const row = rowOf(error);
        throw row.id === 'forbidden' ? notAMember(error) : chimeFailure(error, row);
      }
    },
  };
}

/** So much a message takes, in bytes. */
const MAX_BYTES = 4_096;

/** What members answered may be long, and nothing fails for that. */
function withinLimit(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= MAX_BYTES) return text;
  // A character that was cut in two is left out.
  const kept = new TextDecoder().decode(bytes.subarray(0, MAX_BYTES - 3), { stream: true });
  return `${kept}…`;
}

/** What is usually wrong, and Chime does not say. */
function notAMember(error: unknown): ApplicationFailure {
  const { message, type, details } = chimeFailure(error);
  const hint = 'Only members of a channel may write to it: make the service bearer a member (admit join).';
  return ApplicationFailure.nonRetryable(message, type, { ...(details?.[0] as object), hint });
}
