import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { readJson, writeWhole } from './dev-folder.ts';

const HOST = '127.0.0.1';

/** `count` different TCP ports that were free on 127.0.0.1 a moment ago. */
export async function freePorts(count: number): Promise<number[]> {
  // All are held open together, so that none is given twice.
  const servers = await Promise.all(Array.from({ length: count }, () => listen(0)));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map(close));
  return ports;
}

/** One free TCP port on 127.0.0.1. */
export async function freePort(): Promise<number> {
  const server = await listen(0);
  const { port } = server.address() as AddressInfo;
  await close(server);
  return port;
}

export async function isPortFree(port: number): Promise<boolean> {
  try {
    await close(await listen(port));
    return true;
  } catch {
    return false;
  }
}

/** Waits until something accepts connections on the port; throws the signal's reason when it is aborted. */
export async function waitForPort(port: number, signal: AbortSignal): Promise<void> {
  while (!(await accepts(port))) await delay(50, undefined, { signal });
  signal.throwIfAborted();
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, HOST);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function listen(port: number): Promise<Server> {
  const server = createServer();
  server.listen({ port, host: HOST, exclusive: true });
  await once(server, 'listening');
  return server;
}

async function close(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}

const portSet = z.object({ temporal: z.number(), ui: z.number(), emulator: z.number() });

export type Ports = z.infer<typeof portSet>;

const PREFERRED: Ports = { temporal: 7233, ui: 8233, emulator: 8234 };

/** The ports of the last time in this folder, else the usual ones; a free one instead of each that is taken. They are remembered. */
export async function keptPorts(directory: string): Promise<Ports> {
  const file = join(directory, 'ports.json');
  const remembered = portSet.safeParse(await readJson(file)).data;
  const wanted = remembered ?? PREFERRED;
  // After a SIGKILL the old server needs a moment to end, and it still has the database.
  const patienceMs = remembered === undefined ? 0 : 5_000;
  const ports = {
    temporal: await freeOr(wanted.temporal, patienceMs),
    ui: await freeOr(wanted.ui, patienceMs),
    emulator: await freeOr(wanted.emulator, patienceMs),
  };
  await writeWhole(file, JSON.stringify(ports));
  return ports;
}

async function freeOr(port: number, patienceMs: number): Promise<number> {
  const until = performance.now() + patienceMs;
  while (!(await isPortFree(port))) {
    if (performance.now() >= until) return await freePort();
    await delay(100);
  }
  return port;
}
