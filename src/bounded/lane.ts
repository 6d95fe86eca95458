import { Worker } from 'node:worker_threads';
import { siblingScript } from '../sibling-script.ts';
import type { Reply } from './thread.ts';

/** How long one task may run, not counting how long it waited. */
export const LIMIT_MS = 500;
/** What the values of a thread may take together. */
export const LIMIT_MB = 128;
const STARTS_WITHIN_MS = 20_000;
const MAX_WAITING = 1_000;
const LOOK_EVERY_MS = 25;

/** What came of a task. `ms`: how long it ran; `killed`: its thread had to be ended. */
export type Done =
  | { readonly ok: true; readonly value: unknown; readonly ms: number }
  | { readonly ok: false; readonly message: string; readonly ms: number; readonly killed: boolean };

interface Job {
  readonly id: number;
  readonly task: object;
  readonly settle: (done: Done) => void;
  readonly postedAt: number;
}

/** One thread at a time, and the tasks that wait for it, in their order. */
export class Lane {
  readonly #name: string;
  #thread: Thread | undefined;
  #jobs: Job[] = [];
  #lastId = 0;
  #watch: NodeJS.Timeout | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  run(task: object): Promise<Done> {
    if (this.#jobs.length >= MAX_WAITING) {
      return Promise.resolve(failed(`more than ${MAX_WAITING} evaluations wait already: try again later`));
    }
    return new Promise((resolve) => {
      // An id of 0 would mean that nothing runs.
      this.#lastId = (this.#lastId % 2 ** 30) + 1;
      const job = { id: this.#lastId, task, settle: resolve, postedAt: Date.now() };
      this.#jobs.push(job);
      this.#post(job);
    });
  }

  #post({ id, task }: Job): void {
    try {
      this.#thread ??= this.#started();
      this.#thread.worker.postMessage({ id, ...task });
      this.#watched();
    } catch (error) {
      this.#settle(id, failed(`it cannot be given to a thread: ${textOf(error)}`));
    }
  }

  #started(): Thread {
    const thread = startThread(this.#name);
    let why = 'its thread ended';
    thread.worker.on('message', (reply: Reply) => {
      thread.seenAt = Date.now();
      if (this.#thread === thread) this.#settle(reply.id, reply.ok ? reply : { ...reply, killed: false });
    });
    thread.worker.on('error', (error: NodeJS.ErrnoException) => {
      why =
        error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? `it needed more than ${LIMIT_MB} MB` : `its thread ended: ${error}`;
    });
    thread.worker.on('exit', () => this.#replace(thread, why));
    return thread;
  }

  /** What ran when the thread ended has failed; what waited behind it goes to another. */
  #replace(thread: Thread, why: string): void {
    if (this.#thread !== thread) return;
    this.#thread = undefined;
    const { id, since } = thread.now();
    const ended = { ...failed(why), ms: id === 0 ? 0 : Date.now() - since, killed: true };
    // A thread that dies before it runs anything would die again.
    for (const job of this.#jobs) if (id === 0 || job.id === id) this.#settle(job.id, ended);
    this.#jobs.forEach((job) => this.#post(job));
  }

  #settle(id: number, done: Done): void {
    const job = this.#jobs.find((one) => one.id === id);
    this.#jobs = this.#jobs.filter((one) => one !== job);
    if (this.#jobs.length === 0) this.#rest();
    job?.settle(done);
  }

  /** Nothing that was asked for is lost because nothing else keeps the process alive. */
  #watched(): void {
    this.#thread?.worker.ref();
    this.#watch ??= setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  #rest(): void {
    clearInterval(this.#watch);
    this.#watch = undefined;
    this.#thread?.worker.unref();
  }

  #look(): void {
    const thread = this.#thread;
    const [first] = this.#jobs;
    if (!thread || !first) return;
    const { id, since } = thread.now();
    if (id !== 0) thread.seenAt = Date.now();
    const late =
      id === 0
        ? Date.now() - Math.max(first.postedAt, thread.seenAt) > STARTS_WITHIN_MS
        : Date.now() - since > LIMIT_MS;
    if (!late) return;
    void thread.worker.terminate();
    this.#replace(thread, id === 0 ? 'its thread did not start' : `it took longer than ${LIMIT_MS} ms`);
  }
}

interface Thread {
  readonly worker: Worker;
  /** When something was last known to run in it. */
  seenAt: number;
  /** The task that runs now, 0 for none, and since when. */
  now(): { readonly id: number; readonly since: number };
}

function startThread(name: string): Thread {
  const shared = new SharedArrayBuffer(16);
  const [running, since] = [new Int32Array(shared, 0, 1), new Float64Array(shared, 8, 1)];
  const worker = new Worker(siblingScript(import.meta.url, 'thread'), {
    name: `bounded-${name}`,
    workerData: shared,
    // It needs neither what this process was told nor its secrets.
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: LIMIT_MB, maxYoungGenerationSizeMb: 16 },
  });
  worker.unref();
  return {
    worker,
    seenAt: Date.now(),
    now: () => ({ id: Atomics.load(running, 0), since: since[0] ?? 0 }),
  };
}

function failed(message: string): Done & { ok: false } {
  return { ok: false, message, ms: 0, killed: false };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
