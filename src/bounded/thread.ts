import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import type { Task } from './in-thread.ts';

// The other end of a lane: it runs one task after the other, and says in shared memory which one, and since when, so
// that the lane can tell what took too long.

export type Reply =
  | { readonly id: number; readonly ok: true; readonly value: unknown; readonly ms: number }
  | { readonly id: number; readonly ok: false; readonly message: string; readonly ms: number };

// Errors are values in CEL, and an expression can make very many: to note the stack of each takes longer than the rest.
Error.stackTraceLimit = 0;

const shared = workerData as SharedArrayBuffer;
const [running, since] = [new Int32Array(shared, 0, 1), new Float64Array(shared, 8, 1)];

parentPort?.on('message', (message: Message) => void answer(message));

type Message = Omit<Task, 'written'> & { readonly id: number };

async function answer({ id, module, call, input }: Message): Promise<void> {
  const functions = (await import(pathToFileURL(module).href)) as Record<string, (input: unknown) => unknown>;
  const from = Date.now();
  since[0] = from;
  Atomics.store(running, 0, id);
  const ms = () => Date.now() - from;
  try {
    send({ id, ok: true, value: functions[call]?.(input), ms: ms() });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    send({ id, ok: false, message: message.slice(0, 1_000), ms: ms() });
  }
  // Only now: to copy what came of it is work, too.
  Atomics.store(running, 0, 0);
}

function send(reply: Reply): void {
  parentPort?.postMessage(reply);
}
