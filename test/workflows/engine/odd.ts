import { ApplicationFailure } from '@temporalio/common';

/** Anything at all can be thrown; which of it is in the command. */
export const ODD: readonly (() => unknown)[] = [
  () => undefined,
  () => null,
  () => 1,
  () => 'a text',
  () => Object.create(null) as unknown,
  () => Symbol('odd'),
  () => new TypeError('plain'),
  () => ({
    get message(): string {
      throw new Error('no message');
    },
  }),
  () => ApplicationFailure.nonRetryable('for good', 'Odd', null),
  () =>
    new Proxy(
      {},
      {
        get() {
          throw new Error('nothing to see');
        },
      },
    ),
];
