import { AsyncLocalStorage, createHook } from 'node:async_hooks';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { schemaProblems } from '../json-schema/bounded.ts';
import type { Policy } from '../policies/policy.ts';
import { Verdict } from '../schemas/verdict.ts';
import type { Input } from './conformance-input.ts';

/** What came of one evaluation: a verdict and what was used for it, or which rule was broken. */
export type Asked =
  | { readonly verdict: Verdict; readonly used: readonly string[] }
  | { readonly failed: { readonly rule: 'verdict' | 'timeout'; readonly message: string } };

/** Evaluates a policy once, as the host does. */
export async function ask(policy: Policy, input: Input, timeoutMs: number): Promise<Asked> {
  const { request, ...context } = input;
  const stop = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), timeoutMs);
  });
  const facts = context.facts as never;
  try {
    const asked = { ...context, facts, signal: stop.signal, log: () => undefined };
    const { result, used } = await watchImpurity(() =>
      Promise.race([late, (async () => policy.evaluate(request, asked))()]),
    );
    if (result === 'late') return { failed: { rule: 'timeout', message: `no answer within ${timeoutMs} ms` } };
    const parsed = Verdict.safeParse(result);
    if (parsed.success) {
      const [problem] = parsed.data.verdict === 'requireInput' ? await schemaProblems(parsed.data.schema) : [];
      if (!problem) return { verdict: parsed.data, used };
      const message = `its schema: ${[...problem.path, problem.message].join(': ')} (accepted: ${problem.accepted})`;
      return { failed: { rule: 'verdict', message } };
    }
    const issues = parsed.error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '));
    return { failed: { rule: 'verdict', message: `its answer is not a verdict: ${issues.join('; ')}` } };
  } catch (error) {
    return { failed: { rule: 'verdict', message: `it throws: ${textOf(error)}` } };
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
}

export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What runs inside and what it did; other code of the process is not watched, whatever it does meanwhile. */
const watched = new AsyncLocalStorage<Set<string>>();

const note = (what: string) => watched.getStore()?.add(what);

/** What Node calls the resources of asynchronous work. */
const RESOURCES: readonly (readonly [RegExp, string])[] = [
  [/^(Timeout|Immediate)$/, 'a timer'],
  [/^FS/, 'files'],
  [/^(TCP|UDP|TLS|PIPE|HTTP|GETADDRINFO|GETNAMEINFO|QUERY|DNS)/, 'the network'],
  [/^(PROCESSWRAP|WORKER)/, 'other processes or threads'],
];

const hook = createHook({
  init(_id, type) {
    const resource = RESOURCES.find(([pattern]) => pattern.test(type));
    if (resource) note(resource[1]);
  },
});

/** Runs something and says which outside things it used: network, files, timers, clock, chance. It is not kept from them. */
async function watchImpurity<T>(
  run: () => Promise<T>,
): Promise<{ readonly result: T; readonly used: readonly string[] }> {
  const used = new Set<string>();
  install();
  try {
    const result = await watched.run(used, run);
    return { result, used: [...used] };
  } finally {
    uninstall();
  }
}

let installed = 0;
let restore: readonly (() => void)[] = [];

/** Runs may overlap: the first sets the traps, the last takes them away. */
function install(): void {
  installed += 1;
  if (installed > 1) return;
  hook.enable();
  restore = [
    trap(globalThis, 'fetch', 'the network'),
    trap(Math, 'random', 'chance (Math.random)'),
    trap(crypto, 'randomUUID', 'chance (crypto)'),
    trap(crypto, 'getRandomValues', 'chance (crypto)'),
    trap(performance, 'now', 'the clock'),
    trapDate(),
    ...(['readFileSync', 'readdirSync', 'statSync', 'existsSync', 'writeFileSync', 'openSync'] as const).map((name) =>
      trap(fs, name, 'files'),
    ),
  ];
  syncBuiltinESMExports();
}

function uninstall(): void {
  installed -= 1;
  if (installed > 0) return;
  hook.disable();
  for (const undo of restore) undo();
  syncBuiltinESMExports();
}

function trap<Name extends string>(
  owner: { [N in Name]: (...args: never[]) => unknown },
  name: Name,
  what: string,
): () => void {
  const original = Object.getOwnPropertyDescriptor(owner, name);
  const inherited = owner[name] as (...args: unknown[]) => unknown;
  const value = function (this: unknown, ...args: unknown[]): unknown {
    note(what);
    return inherited.apply(this, args);
  };
  Object.defineProperty(owner, name, { value, configurable: true, writable: true });
  return () => {
    if (original) Object.defineProperty(owner, name, original);
    else Reflect.deleteProperty(owner, name);
  };
}

/** `new Date()` and `Date.now()` read the clock; `new Date(text)` does not. */
function trapDate(): () => void {
  const original = globalThis.Date;
  globalThis.Date = new Proxy(original, {
    construct(target, args, newTarget) {
      if (args.length === 0) note('the clock');
      return Reflect.construct(target, args, newTarget === globalThis.Date ? target : newTarget) as Date;
    },
    apply(target) {
      note('the clock');
      return target();
    },
    get(target, key, receiver): unknown {
      if (key === 'now') note('the clock');
      return Reflect.get(target, key, receiver);
    },
  });
  return () => {
    globalThis.Date = original;
  };
}
