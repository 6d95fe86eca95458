import type { Config } from '../config.ts';
import { loadNotifications } from '../notifications/load-notifications.ts';
import type { Notifications } from '../notifications/notifications.ts';
import { formatIssue } from '../yaml/problem.ts';
import { StartError } from './start-checks.ts';

/** What `ADMISSION_NOTIFICATIONS` says; none where nobody is told of anything. Any mistake in it stops the worker. */
export async function configuredNotifications({
  ADMISSION_NOTIFICATIONS: file,
}: Config): Promise<Notifications | undefined> {
  if (file === undefined) return undefined;
  const loaded = await loadNotifications(file);
  if (loaded.ok) return loaded.notifications;
  throw new StartError('the notifications cannot be used', loaded.issues.map(formatIssue));
}
