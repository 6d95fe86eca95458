import proto from '@temporalio/proto';

const { TaskQueueType } = proto.temporal.api.enums.v1;

/** The part of a connection to Temporal that is needed here. */
export interface Queues {
  describeTaskQueue(request: object): Promise<{ pollers?: readonly Poller[] | null }>;
}

interface Poller {
  readonly lastAccessTime?: { readonly seconds?: unknown } | null;
}

/** Temporal remembers pollers for minutes after they died; a live one came by within its long poll of 60 s. */
const POLLED_WITHIN_MS = 90_000;

/** How many workers poll a queue, as far as the server knows. */
export async function livePollers(
  queues: Queues,
  {
    namespace,
    queue,
    of,
  }: { readonly namespace: string; readonly queue: string; readonly of: 'workflows' | 'activities' },
): Promise<number> {
  const taskQueueType =
    of === 'workflows' ? TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW : TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY;
  const { pollers } = await queues.describeTaskQueue({ namespace, taskQueue: { name: queue }, taskQueueType });
  const since = Date.now() - POLLED_WITHIN_MS;
  return (pollers ?? []).filter(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1_000 > since).length;
}
