import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { readJson, writeWhole } from './dev-file.ts';
import { freePort, isPortFree } from './ports.ts';

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
