import { dirname, resolve } from 'node:path';
import { durationMs } from '../domain/duration.ts';
import type { LoadIssue, Problem } from '../yaml/problem.ts';
import { readYamlFile } from '../yaml/yaml-file.ts';
import { problemsOf } from '../yaml/zod-problems.ts';
import type { ChannelContext, ChannelProblem } from './channel.ts';
import { ACCEPTED_IN_NOTIFICATIONS, NotificationsEntry } from './config-schema.ts';
import { entryProblems } from './entry-problems.ts';
import { findChannel } from './find-channel.ts';
import { createNotifications } from './notifications.ts';
import type { ChannelBinding, Notifications } from './notifications.ts';
import { usualRules } from './usual-rules.ts';

export type LoadedNotifications =
  | { readonly ok: true; readonly notifications: Notifications }
  | { readonly ok: false; readonly issues: readonly LoadIssue[] };

/** Loads `notifications.yaml`, or gives everything that is wrong with it. */
export async function loadNotifications(
  file: string,
  secret: ChannelContext<unknown>['secret'] = (variable) => process.env[variable],
): Promise<LoadedNotifications> {
  const yaml = await readYamlFile(file);
  if (!yaml.ok) return yaml;
  const { value, issue } = yaml.yaml;
  const parsed = NotificationsEntry.safeParse(value);
  if (!parsed.success) {
    const problems = problemsOf(parsed.error, value, {
      schema: NotificationsEntry,
      accepted: ACCEPTED_IN_NOTIFICATIONS,
    });
    return { ok: false, issues: problems.map(issue) };
  }
  const entry = parsed.data;
  const context = { folder: dirname(resolve(file)), secret };
  const made = await Promise.all(entry.channels.map((one, index) => bindChannel(one, { file, index, ...context })));
  const problems = [...entryProblems(entry), ...made.flatMap((one) => one.problems)];
  if (problems.length > 0) return { ok: false, issues: problems.map(issue) };
  const { operators, link, retry, channels } = entry;
  const notifications = createNotifications({
    rules: entry.rules ?? usualRules(channels[0]?.name ?? ''),
    operators,
    ...(link === undefined ? {} : { link }),
    retry: {
      initialMs: durationMs(retry.initialInterval),
      maximumMs: durationMs(retry.maximumInterval),
      forMs: durationMs(retry.scheduleToClose),
    },
    channels: new Map(made.flatMap(({ binding }) => (binding ? [binding] : []))),
  });
  return { ok: true, notifications };
}

interface Place extends Omit<ChannelContext<unknown>, 'params'> {
  readonly file: string;
  readonly index: number;
}

async function bindChannel(
  { name, use, params = {} }: NotificationsEntry['channels'][number],
  { file, index, folder, secret }: Place,
): Promise<{ binding?: [string, ChannelBinding]; problems: Problem[] }> {
  const at = ['channels', index];
  const found = await findChannel(use, file);
  if (!found.ok) return { problems: [{ path: [...at, 'use'], message: found.message, accepted: found.accepted }] };
  const { channel } = found;
  const parsed = channel.params.safeParse(params);
  if (!parsed.success) {
    return { problems: problemsOf(parsed.error, params, { at: [...at, 'params'], schema: channel.params }) };
  }
  const context = { params: parsed.data, folder, secret };
  let missing: readonly ChannelProblem[];
  try {
    missing = (await channel.check?.(context)) ?? [];
  } catch (error) {
    return { problems: [{ path: [...at, 'params'], message: `cannot be checked: ${(error as Error).message}` }] };
  }
  return {
    binding: [name, { channel, context }],
    problems: missing.map((problem) => ({ ...problem, path: [...at, 'params', ...problem.path] })),
  };
}
