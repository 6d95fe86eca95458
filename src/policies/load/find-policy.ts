import { stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { builtIns } from '../built-ins.ts';
import { acceptedNames } from '../cel/suggest.ts';
import type { Policy } from '../policy.ts';
import { exportedPolicy } from './check-policy.ts';
import type { Problem } from './load-issue.ts';
import { findPackage } from './package-entry.ts';
import { sourceHash } from './source-hash.ts';

/** A policy with all that can change what it does, besides its params; or why there is none. */
export type FoundPolicy =
  | { readonly ok: true; readonly policy: Policy; readonly fingerprint: string }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const SCRIPT = /\.[mc]?[jt]s$/;
const PACKAGE = /^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;
const LOAD_WITHIN_MS = 10_000;

/** Finds what a binding uses: a built-in policy, a file beside the policy set, or a package that is installed there. */
export async function findPolicy(use: string, setFile: string): Promise<FoundPolicy> {
  if (/^\.{1,2}\//.test(use)) return loadPolicyFile(resolve(dirname(setFile), use), use);
  const builtIn = builtIns.find(({ id }) => id === use);
  if (builtIn) return { ok: true, policy: builtIn, fingerprint: `${builtIn.id}@${builtIn.version}` };
  const installed = PACKAGE.test(use) ? await findPackage(use, resolve(setFile)) : undefined;
  if (!installed) {
    const names = acceptedNames(
      use,
      builtIns.map(({ id }) => id),
    );
    const accepted = `${names}; a file such as ./policies/${use.split('/').at(-1)}.ts; or an installed npm package`;
    return failed(`there is no built-in policy and no installed package ${use}`, accepted);
  }
  const { entry, version } = installed;
  const found = await imported(pathToFileURL(entry).href, use);
  return found.ok ? { ...found, fingerprint: `${use}@${version} ${await sourceHash(entry)}` } : found;
}

/**
 * Loads a policy file: trusted code, which runs here with all rights of this process. A file that has changed since is
 * loaded again; what it imports stays in one process as it was first loaded. `shownAs`: its name in messages.
 */
export async function loadPolicyFile(file: string, shownAs: string = file): Promise<FoundPolicy> {
  if (!SCRIPT.test(file)) return failed(`${shownAs} is not a script`, 'a file that ends in .ts or .js');
  const isFile = await stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
  if (!isFile) return failed(`there is no file ${shownAs}`, 'a path that begins at the folder of this file');
  const fingerprint = await sourceHash(file);
  // Only ES modules are told apart by their query.
  delete createRequire(import.meta.url).cache[file];
  const found = await imported(`${pathToFileURL(file).href}?v=${fingerprint.slice(0, 16)}`, shownAs);
  return found.ok ? { ...found, fingerprint } : found;
}

async function imported(
  url: string,
  shownAs: string,
): Promise<{ ok: true; policy: Policy } | (FoundPolicy & { ok: false })> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`it was not loaded within ${LOAD_WITHIN_MS / 1_000} s`)), LOAD_WITHIN_MS);
  });
  try {
    const module = await Promise.race([import(/* @vite-ignore */ url) as Promise<{ default?: unknown }>, late]);
    return exportedPolicy(module.default, shownAs);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const needsThisPackage = text.includes("'channel-admission");
    return failed(
      `${shownAs} cannot be loaded: ${text}`,
      needsThisPackage ? 'a folder in which channel-admission is installed' : undefined,
    );
  } finally {
    clearTimeout(timer);
  }
}

function failed(message: string, accepted?: string): FoundPolicy & { ok: false } {
  return { ok: false, problems: [{ path: [], message, accepted }] };
}
