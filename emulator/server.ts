import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { answerOf, errorAnswer, type Answer } from './answer.ts';
import type { SelfJoin, World } from './call.ts';
import { namedMembers, recordCall, type CallRecord } from './calls.ts';
import { control, controlPrefix } from './control.ts';
import { deliver, send } from './deliver.ts';
import { isFailure } from './failure.ts';
import { takeFault, type FaultOrder } from './faults.ts';
import { readInput } from './input.ts';
import { perform } from './perform.ts';
import { matchRoute, type Route } from './router.ts';
import { loadSeed } from './seed-load.ts';
import { refuseOtherSites } from './same-site.ts';
import type { Seed } from './seed-schema.ts';

export type { Seed } from './seed-schema.ts';

export interface EmulatorOptions {
  /** 0, the default, takes a free port. */
  readonly port?: number | undefined;
  readonly seed?: Seed | undefined;
  /** Whether users may add themselves to public channels, where AWS's pages contradict each other. */
  readonly publicSelfJoin?: SelfJoin | undefined;
}

export interface Emulator {
  readonly url: string;
  readonly close: () => Promise<void>;
}

interface Running {
  readonly world: World;
  readonly faults: FaultOrder[];
  readonly calls: CallRecord[];
}

/** A seed that cannot be loaded; the message names every place. */
export class SeedError extends Error {
  override readonly name = 'SeedError';
}

function processCall(world: World, route: Route, request: IncomingMessage, body: string): Answer {
  const { operation } = route;
  const read = readInput(route, request.headers, body);
  return answerOf(operation, isFailure(read) ? read : perform({ operation, input: read.input, world }));
}

async function handle({ world, faults, calls }: Running, request: IncomingMessage, response: ServerResponse) {
  const { method = 'GET', url = '/' } = request;
  const refusal = refuseOtherSites(request.headers);
  if (refusal) return send(response, refusal);
  const body = await readText(request);
  if (url.startsWith(controlPrefix)) {
    const target = new URL(url, 'http://emulator');
    return send(response, control({ state: world.state, faults, calls }, { method, url: target, body }));
  }
  const route = matchRoute(method, url);
  if (isFailure(route)) return send(response, errorAnswer(route));
  const members = namedMembers(route, body);
  const fault = takeFault(faults, route.operation.name, members);
  const record = recordCall(calls, { route, headers: request.headers, members, fault: fault?.kind });
  return deliver({ response, record, process: () => processCall(world, route, request, body) }, fault);
}

function startWorld({ seed, publicSelfJoin = 'allow' }: EmulatorOptions): World {
  if (seed === undefined) return { state: new Map(), publicSelfJoin };
  const loaded = loadSeed(seed);
  if ('problems' in loaded) throw new SeedError(loaded.problems.join('\n'));
  return { state: loaded.state, publicSelfJoin };
}

function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) return void response.destroy();
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  process.stderr.write(`The emulator failed: ${stack ?? message}\n`);
  send(response, errorAnswer({ exception: 'ServiceFailureException', message: `The emulator failed: ${message}` }));
}

/** Starts an emulator of the Chime SDK messaging and identity services on the loopback interface. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const running: Running = { world: startWorld(options), faults: [], calls: [] };
  const server = createServer((request, response) => {
    handle(running, request, response).catch((error: unknown) => fail(response, error));
  });
  // Clients pool connections; closing an idle one just as they reuse it would look like a fault nobody ordered.
  server.keepAliveTimeout = 60_000;
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
