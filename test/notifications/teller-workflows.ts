import { condition } from '@temporalio/workflow';
import type { NotificationEvent } from '../../src/domain/notification.ts';
import { tell } from '../../src/workflows/outbox.ts';

export { notifyPeople } from '../../src/workflows/notify.ts';

/** Tells events one after the other, as a request does, and ends at once; or never, to be cancelled. */
export async function teller(events: readonly NotificationEvent[], stay = false): Promise<string> {
  for (const event of events) await tell(event);
  if (stay) await condition(() => false);
  return 'ended';
}
