import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The path of a script next to (or relative to) the module `moduleUrl`, without its ending in `name`.
 * It has the ending of that module: `.ts` in the source tree, `.js` in the built package.
 */
export function siblingScript(moduleUrl: string, name: string): string {
  return fileURLToPath(new URL(`./${name}${extname(moduleUrl)}`, moduleUrl));
}
