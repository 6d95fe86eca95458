import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inject } from 'vitest';
import { stringify } from 'yaml';
import { loadNotifications, type LoadedNotifications } from '../../src/notifications/load-notifications.ts';
import type { Notifications } from '../../src/notifications/notifications.ts';
import { formatIssue } from '../../src/yaml/problem.ts';

export const SECRET = `whsec_${Buffer.from('a secret that nobody knows').toString('base64')}`;
export const OLD_SECRET = `whsec_${Buffer.from('another that was used before').toString('base64')}`;
const secrets: Record<string, string> = {
  CHAT_SECRET: SECRET,
  BOTH_SECRETS: `${SECRET} ${OLD_SECRET}`,
  MAIL_PASSWORD: 'open sesame',
  EMPTY: '',
};

/** Writes a folder with `notifications.yaml` (a text, or a value) and other files; gives the path of the first. */
export async function configFolder(config: unknown, files: Record<string, string> = {}): Promise<string> {
  const folder = await mkdtemp(join(inject('temporaryFolder'), 'notifications-'));
  const text = typeof config === 'string' ? config : stringify(config);
  for (const [name, content] of Object.entries({ ...files, 'notifications.yaml': text })) {
    await writeFile(join(folder, name), content);
  }
  return join(folder, 'notifications.yaml');
}

export async function load(config: unknown, files?: Record<string, string>): Promise<LoadedNotifications> {
  return loadNotifications(await configFolder(config, files), (variable) => secrets[variable]);
}

export async function notificationsOf(config: unknown, files?: Record<string, string>): Promise<Notifications> {
  const loaded = await load(config, files);
  if (!loaded.ok) throw new Error(loaded.issues.map(formatIssue).join('\n'));
  return loaded.notifications;
}

/** What is wrong with a configuration, a line each, without the folder. */
export async function issuesOf(config: unknown, files?: Record<string, string>): Promise<string[]> {
  const loaded = await load(config, files);
  return loaded.ok ? [] : loaded.issues.map((issue) => formatIssue({ ...issue, file: 'n' }));
}

export const chat = (url = 'http://127.0.0.1:9/', params: object = {}) => ({
  name: 'chat',
  use: 'webhook',
  params: { url, secretEnv: 'CHAT_SECRET', ...params },
});
