import { cancellationSignal } from '@temporalio/activity';
import type { FactReader, ReadHow } from '../chime/facts.ts';
import type { Purpose } from '../domain/conclusion.ts';
import { isChimeFact, isHostFact } from '../domain/facts.ts';
import type { Fact, Facts, History } from '../domain/facts.ts';
import type { JoinRequest } from '../domain/request.ts';
import type { ReadOwnFact } from '../policies/own-facts.ts';
import { requiredBearer } from './bearers.ts';
import { chimeFailure } from './chime-failure.ts';

export interface FactSources {
  readonly facts: FactReader;
  readonly own: { readonly read: ReadOwnFact; readonly has: (name: string) => boolean };
  readonly bearers: readonly string[];
}

/**
 * Reads facts about a request, each once: those of Chime, which fail the activity when they cannot be read, and those of
 * policies, which do not. `history`: reads other requests, where something asks for that.
 */
export function factsFor(
  request: JoinRequest,
  { facts, own, bearers }: FactSources,
  { history, ...how }: ReadHow & { readonly purpose?: Purpose; readonly history?: () => Promise<Fact<History>> } = {},
): (names: readonly string[]) => Promise<Facts> {
  const { channelArn } = request;
  const signal = cancellationSignal();
  const readChime = facts.open(request, { channelArn, bearer: requiredBearer(channelArn, bearers), signal }, how);
  return async (names) => {
    const others = names.filter((name) => !isHostFact(name));
    const [chime, rest] = await Promise.all([
      readChime(names.filter(isChimeFact)).catch((error: unknown) => {
        throw chimeFailure(error);
      }),
      Promise.all(others.map(async (name) => [name, await own.read(name, request, signal, how)] as const)),
    ]);
    const asked = history && names.includes('history') ? { history: await history() } : {};
    return { ...chime, ...asked, ...Object.fromEntries(rest) };
  };
}
