import { condition } from '@temporalio/workflow';
import type { NotificationEvent } from '../../src/domain/notification.ts';
import { createOutbox } from '../../src/workflows/engine/outbox.ts';

export { notifyPeople } from '../../src/workflows/notify.ts';

/** Tells events one after the other, as a request does, and ends at once; or never, to be cancelled. */
export async function teller(events: readonly NotificationEvent[], stay = false): Promise<string> {
  const outbox = createOutbox();
  for (const event of events) {
    outbox.push([{ to: 'people', event }]);
    await outbox.send();
  }
  if (stay) await condition(() => false);
  return 'ended';
}
