import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { BareActivities } from './join.ts';

const { readTwice } = proxyLocalActivities<BareActivities>({
  startToCloseTimeout: '2s',
  retry: { maximumAttempts: 2 },
});

/** The same work as a plain join, and nothing else: two reads in a local activity, one write on a queue of its own. */
export async function bareJoin(
  request: { channelArn: string; memberArn: string },
  chimeQueue: string,
): Promise<string> {
  await readTwice(request);
  const { addMember } = proxyActivities<BareActivities>({
    taskQueue: chimeQueue,
    allowEagerDispatch: false,
    startToCloseTimeout: '15s',
  });
  return addMember(request);
}
