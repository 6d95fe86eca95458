import { pathToFileURL } from 'node:url';
import { Script } from 'node:vm';

// The other end of a lane: a process that runs one task after the other, and says which one it begins, so that the lane
// can tell what took too long. It ends with the process that started it.

/** What a child process does: calls a function of a module with plain data, and gives what it returns. */
export interface Task {
  /** The path of the module. */
  readonly module: string;
  /** The name of a synchronous function that the module exports. */
  readonly call: string;
  readonly input: unknown;
  /** What somebody wrote: an expression, a pattern, a schema. Its behaviour so far decides where it runs. */
  readonly written: string;
}

export type Reply =
  | { readonly id: number; readonly ok: 'began' }
  | { readonly id: number; readonly ok: true; readonly value: unknown; readonly ms: number }
  | { readonly id: number; readonly ok: false; readonly message: string; readonly ms: number };

// Errors are values in CEL, and an expression can make very many: to note the stack of each takes longer than the rest.
Error.stackTraceLimit = 0;

/** What nobody ends any more, since whoever started this is gone, ends by itself. */
const ENDS_WITHIN_MS = 30_000;

process.on('disconnect', () => process.exit());
process.on('message', (message: Message) => void answer(message));

type Message = Omit<Task, 'written'> & { readonly id: number };

async function answer({ id, module, call, input }: Message): Promise<void> {
  const functions = (await import(pathToFileURL(module).href)) as Record<string, (input: unknown) => unknown>;
  send({ id, ok: 'began' });
  const from = Date.now();
  const ms = () => Date.now() - from;
  try {
    send({ id, ok: true, value: inTime(() => functions[call]?.(input)), ms: ms() });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    send({ id, ok: false, message: message.slice(0, 1_000), ms: ms() });
  }
}

const run = new Script('globalThis.task()');

function inTime(task: () => unknown): unknown {
  Object.assign(globalThis, { task });
  return run.runInThisContext({ timeout: ENDS_WITHIN_MS });
}

function send(reply: Reply): void {
  process.send?.(reply);
}
