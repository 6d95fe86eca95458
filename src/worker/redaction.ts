import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { redacted } from '../redact.ts';

/**
 * What an activity throws stands in the history and in pending activities: the errors of libraries and of policies and channels of
 * one's own lose secrets there, once for all.
 */
export const redacting: ActivityInboundCallsInterceptor = {
  async execute(input, next) {
    try {
      return await next(input);
    } catch (error) {
      throw withoutSecrets(error);
    }
  },
};

/** Changes the error itself: others tell by its class what it is. */
function withoutSecrets(error: unknown): unknown {
  for (let one = error, left = 10; one instanceof Error && left > 0; one = one.cause, left -= 1) {
    one.message = redacted(one.message);
    if (one.stack !== undefined) one.stack = redacted(one.stack);
  }
  return error;
}
