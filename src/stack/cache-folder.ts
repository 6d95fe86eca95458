import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from './child-process.ts';

/** Where fetched and built servers are kept: `ADMISSION_CACHE`, else `channel-admission` in the user's cache folder. */
export function cacheFolder(env: Environment): string {
  const own = env['ADMISSION_CACHE'];
  if (own !== undefined && own !== '') return own;
  const xdg = env['XDG_CACHE_HOME'];
  return join(xdg !== undefined && xdg !== '' ? xdg : join(homedir(), '.cache'), 'channel-admission');
}
