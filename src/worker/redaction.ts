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

/** Changes the error itself, where there is something to change: others tell by its class what it is. */
function withoutSecrets(error: unknown): unknown {
  for (let one = error, left = 10; one instanceof Error && left > 0; one = one.cause, left -= 1) {
    replace(one, 'message');
    replace(one, 'stack');
  }
  return error;
}

/** Some errors, such as a DOMException, have no text of their own that could be assigned. */
function replace(error: Error, field: 'message' | 'stack'): void {
  const text = error[field];
  const value = text === undefined ? undefined : redacted(text);
  if (value !== text) Reflect.defineProperty(error, field, { value, configurable: true, writable: true });
}
