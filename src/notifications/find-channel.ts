import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isChannel } from './channel.ts';
import type { Channel } from './channel.ts';
import { builtInChannels } from './channels/built-ins.ts';

const SCRIPT = /^\.{1,2}\/.*\.[mc]?[jt]s$/;

export type FoundChannel =
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
export async function findChannel(use: string, configFile: string): Promise<FoundChannel> {
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
