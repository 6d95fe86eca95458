import { createHash } from 'node:crypto';
import { stat, readFile } from 'node:fs/promises';
import { createRequire, findPackageJSON } from 'node:module';
import { dirname, resolve, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { acceptedNames, type Problem } from '../../yaml/problem.ts';
import { problemsOf } from '../../yaml/zod-problems.ts';
import { builtIns } from '../built-ins.ts';
import { isPolicy, type Policy } from '../policy.ts';
import { KEBAB } from './entries.ts';

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

/** An npm package as it is installed: what it runs, and in which version. */
interface InstalledPackage {
  readonly entry: string;
  readonly version: string;
}

/** Finds a package as a file in that place would; `undefined` where none is installed. */
async function findPackage(name: string, from: string): Promise<InstalledPackage | undefined> {
  const json = packageJson(name, from);
  if (json === undefined) return undefined;
  const { version = '', exports } = JSON.parse(await readFile(json, 'utf8')) as { version?: string; exports?: unknown };
  const target = importTarget(exports);
  const entry = target === undefined ? createRequire(from).resolve(name) : resolve(json, '..', target);
  return { entry, version };
}

function packageJson(name: string, from: string): string | undefined {
  try {
    return findPackageJSON(name, pathToFileURL(from));
  } catch {
    return undefined;
  }
}

const CONDITIONS = ['node', 'import', 'module-sync', 'default'];

/** What `import` of a package takes, by its `exports`: `require.resolve` would refuse packages that are only for `import`. */
function importTarget(exports: unknown): string | undefined {
  if (typeof exports === 'string') return exports;
  if (Array.isArray(exports)) return exports.map(importTarget).find((target) => target !== undefined);
  if (typeof exports !== 'object' || exports === null) return undefined;
  const entries: [string, unknown][] = Object.entries(exports);
  return entries
    .filter(([key]) => key === '.' || CONDITIONS.includes(key))
    .map(([, value]) => importTarget(value))
    .find((target) => target !== undefined);
}

const OWN_FACT = /^[a-z][a-zA-Z0-9]*(\.[a-z][a-zA-Z0-9]*)*$/;
const SEMVER = /^\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?$/;

const aFunction = z.custom<unknown>((value) => typeof value === 'function', 'is not a function');
const someText = z.string().min(1);

/** What the types of `definePolicy` say, for those who write JavaScript or cast. */
const Definition = z.object({
  id: z.string().regex(KEBAB).max(64),
  version: z.string().regex(SEMVER),
  title: someText,
  params: z.custom((value) => typeof (value as z.ZodType | null)?.safeParse === 'function', 'is not a zod schema'),
  facts: z.union([z.array(someText), aFunction]),
  provides: z
    .record(z.string().regex(OWN_FACT), z.object({ source: someText, ttlMs: z.number().min(0), read: aFunction }))
    .exactOptional(),
  kind: z.enum(['pure', 'external']),
  evaluate: aFunction,
});

const ACCEPTED = {
  id: 'a name in kebab-case, at most 64 characters, such as office-hours',
  version: 'a version such as 1.0.0',
  title: 'a text',
  facts: 'a list of names, or a function of the params that gives one',
};

/** The policy that a module exports by default, also where a compiler wrapped it, or what is wrong with it. */
export function exportedPolicy(
  exported: unknown,
  where: string,
): { readonly ok: true; readonly policy: Policy } | { readonly ok: false; readonly problems: readonly Problem[] } {
  const wrapped = (exported as { readonly default?: unknown } | null | undefined)?.default;
  const policy = isPolicy(exported) ? exported : wrapped;
  if (!isPolicy(policy)) {
    const message = `${where} has no default export that definePolicy made`;
    const accepted = 'export default definePolicy({ … }), with definePolicy of channel-admission/policy';
    return { ok: false, problems: [{ path: [], message, accepted }] };
  }
  const parsed = Definition.safeParse(policy);
  if (parsed.success) return { ok: true, policy };
  const problems = problemsOf(parsed.error, policy, { accepted: ACCEPTED }).map(({ path, message, accepted }) => ({
    path: [],
    message: `${where}: ${path.join('.')} ${message}`,
    accepted,
  }));
  return { ok: false, problems };
}

const RELATIVE_IMPORT = /\b(?:from|import)\s*\(?\s*(['"])(\.\.?\/[^'"]+)\1/g;

/**
 * SHA-256 over a source file and the files that it imports by relative paths, and they in turn. It does not see what is
 * read at run time, and does not depend on where the folder is.
 */
async function sourceHash(file: string): Promise<string> {
  const texts = new Map<string, string>();
  await collect(file, texts);
  const parts = [...texts].map(([path, text]): [string, string] => [relative(dirname(file), path), text]);
  return hashOf(parts.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** SHA-256 over a value's JSON, whatever the order of its keys. */
export function hashOf(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(value)))
    .digest('hex');
}

async function collect(file: string, texts: Map<string, string>): Promise<void> {
  if (texts.has(file)) return;
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return;
  texts.set(file, text);
  for (const [, , path = ''] of text.matchAll(RELATIVE_IMPORT)) await collect(resolve(dirname(file), path), texts);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}
