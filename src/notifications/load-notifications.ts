import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { durationMs } from '../domain/duration.ts';
import { acceptedNames, type LoadIssue, type Problem } from '../yaml/problem.ts';
import { readYamlFile } from '../yaml/yaml-file.ts';
import { problemsOf } from '../yaml/zod-problems.ts';
import { isChannel, type ChannelContext, type ChannelProblem, type Channel } from './channel.ts';
import { email } from './channels/email.ts';
import { webhook } from './channels/webhook.ts';
import { ACCEPTED_IN_NOTIFICATIONS, NotificationsEntry } from './config-schema.ts';
import { createNotifications, usualRules, type ChannelBinding, type Notifications } from './notifications.ts';

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

const SCRIPT = /^\.{1,2}\/.*\.[mc]?[jt]s$/;

type FoundChannel =
  | { readonly ok: true; readonly channel: Channel }
  | { readonly ok: false; readonly message: string; readonly accepted?: string };

/** A file may be JavaScript, which nobody checks the types of. */
function isWhole({ deliver, params }: Partial<Channel>): boolean {
  return typeof deliver === 'function' && typeof params?.safeParse === 'function';
}

/**
 * Finds what a channel of the configuration uses: a built-in one, or a file beside the configuration. Such a file is
 * trusted code: it runs in the worker with all its rights.
 */
async function findChannel(use: string, configFile: string): Promise<FoundChannel> {
  const builtIn = builtInChannels.find(({ id }) => id === use);
  if (builtIn) return { ok: true, channel: builtIn };
  const names = builtInChannels.map(({ id }) => id).join(', ');
  if (!SCRIPT.test(use)) {
    const accepted = `${names} or a file such as ./channels/pager.ts`;
    return { ok: false, message: `there is no built-in channel ${use}`, accepted };
  }
  const file = resolve(dirname(configFile), use);
  const isFile = await stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
  if (!isFile) {
    return { ok: false, message: `there is no file ${use}`, accepted: 'a path that begins at the folder of this file' };
  }
  try {
    const module = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as { default?: unknown };
    const channel = module.default;
    if (isChannel(channel) && isWhole(channel)) return { ok: true, channel };
    const accepted =
      'export default defineChannel({ id, params, deliver }), with defineChannel of channel-admission/channel';
    return { ok: false, message: `${use} has no default export that defineChannel made`, accepted };
  } catch (error) {
    return { ok: false, message: `${use} cannot be loaded: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** The channels that a configuration may `use` by name: one file and one line for each. */
const builtInChannels: readonly Channel[] = [webhook, email];

/** What is wrong between the fields of a configuration. */
function entryProblems({ channels, rules = [], operators, retry }: NotificationsEntry): Problem[] {
  const names = channels.map(({ name }) => name);
  const { initialInterval, maximumInterval } = retry;
  return [
    ...names.flatMap((name, index): Problem[] =>
      names.indexOf(name) === index
        ? []
        : [{ path: ['channels', index, 'name'], message: `there is another ${name}`, accepted: 'a name of its own' }],
    ),
    ...rules.flatMap(({ by, to }, index): Problem[] => [
      ...(names.includes(by)
        ? []
        : [{ path: ['rules', index, 'by'], message: `there is no channel ${by}`, accepted: acceptedNames(by, names) }]),
      ...(to.includes('operators') && operators.length === 0
        ? [{ path: ['rules', index, 'to'], message: 'there are no operators', accepted: 'operators: [ARN, …]' }]
        : []),
    ]),
    ...(durationMs(initialInterval) > durationMs(maximumInterval)
      ? [
          {
            path: ['retry', 'maximumInterval'],
            message: `is ${maximumInterval}`,
            accepted: `at least initialInterval, ${initialInterval}`,
          },
        ]
      : []),
  ];
}
