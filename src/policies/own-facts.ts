import { LRUCache } from 'lru-cache';
import type { Purpose } from '../domain/conclusion.ts';
import type { Fact } from '../domain/facts.ts';
import type { JoinRequest } from '../domain/request.ts';
import type { FactProvider } from './policy.ts';
import { ownFacts, type PolicySet } from './policy-set.ts';

/** Reads facts that policies bring with them. One that cannot be read carries its error, and harms nobody else. */
export type ReadOwnFact = (
  name: string,
  request: JoinRequest,
  signal: AbortSignal,
  how?: {
    /** Whatever is remembered. */
    readonly fresh?: boolean | undefined;
    readonly askedBy?: string | undefined;
    readonly purpose?: Purpose | undefined;
  },
) => Promise<Fact<unknown>>;

/** How long a provider may take, in ms: it holds up the whole admission. */
const READ_WITHIN_MS = 1_000;

export function createOwnFacts(set: PolicySet): { has(name: string): boolean; read: ReadOwnFact } {
  const providers = ownFacts(set);
  const remembered = new LRUCache<string, Fact<unknown>>({ max: 10_000 });
  return {
    has: (name) => providers.has(name),
    async read(name, request, signal, { fresh = false, askedBy = request.requestedBy, purpose = 'join' } = {}) {
      const provider = providers.get(name);
      if (!provider) return failed('nobody', new Error(`no policy provides the fact ${name}`));
      const key = JSON.stringify([name, request, purpose, askedBy]);
      const known = fresh ? undefined : remembered.get(key);
      if (known) return known;
      const fact = await readOne(provider, request, { signal, purpose, askedBy });
      if (provider.ttlMs > 0 && fact.error === undefined) remembered.set(key, fact, { ttl: provider.ttlMs });
      return fact;
    },
  };
}

async function readOne(
  provider: FactProvider<unknown>,
  request: JoinRequest,
  { signal: outer, ...asked }: { signal: AbortSignal; purpose: Purpose; askedBy: string },
): Promise<Fact<unknown>> {
  const signal = AbortSignal.any([outer, AbortSignal.timeout(READ_WITHIN_MS)]);
  const late = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error(`no answer within ${READ_WITHIN_MS} ms`)));
  });
  try {
    const now = new Date();
    const read = (async () => provider.read(structuredClone(request), { signal, now, ...asked }))();
    const value = await Promise.race([read, late]);
    // What cannot be recorded cannot be decided upon.
    return { value: structuredClone(value ?? null), source: provider.source, readAt: now.toISOString() };
  } catch (error) {
    return failed(provider.source, error);
  }
}

function failed(source: string, error: unknown): Fact<unknown> {
  const message = error instanceof Error ? error.message : String(error);
  return { value: null, source, readAt: new Date().toISOString(), error: message };
}
