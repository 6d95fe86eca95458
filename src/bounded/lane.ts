import { fork, type ChildProcess } from 'node:child_process';
import { setPriority } from 'node:os';
import { siblingScript } from '../sibling-script.ts';
import type { Reply } from './child.ts';

/** How long one task may run, not counting how long it waited. */
const LIMIT_MS = 500;
/** What the values of a child may take together. */
const LIMIT_MB = 128;
const STARTS_WITHIN_MS = 20_000;
const MAX_WAITING = 1_000;
const LOOK_EVERY_MS = 25;
/** As `nice` counts: about a third of what the worker gets where both want all. */
const CHILD_PRIORITY = 5;

/** What came of a task. `ms`: how long it ran; `killed`: its child had to be ended. */
export type Done =
  | { readonly ok: true; readonly value: unknown; readonly ms: number }
  | { readonly ok: false; readonly message: string; readonly ms: number; readonly killed: boolean };

interface Job {
  readonly id: number;
  readonly task: object;
  readonly settle: (done: Done) => void;
  readonly postedAt: number;
}

/** A process that runs tasks. Memory that runs out in a thread may end the whole process; in a process, that one alone. */
interface Child {
  readonly process: ChildProcess;
  /** When something was last heard of it, if it was. */
  seenAt: number;
  heard: boolean;
  /** The task that runs now, 0 for none, and since when. */
  running: { readonly id: number; readonly since: number };
}

const NONE = { id: 0, since: 0 };

/** One child at a time, and the tasks that wait for it, in their order. */
export class Lane {
  readonly #name: string;
  #child: Child | undefined;
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
      this.#child ??= this.#started();
      // Where the child has just died, its exit sees to what it was sent.
      this.#child.process.send({ id, ...task }, () => undefined);
      this.#watched();
    } catch (error) {
      this.#settle(id, failed(`it cannot be given to a child: ${textOf(error)}`));
    }
  }

  #started(): Child {
    const child = { process: startChild(this.#name), seenAt: Date.now(), heard: false, running: NONE };
    child.process.on('message', (reply: Reply) => this.#heard(child, reply));
    child.process.on('error', () => this.#replace(child, 'its child cannot be started'));
    // An engine without memory has no other way to say so.
    child.process.on('exit', (_code, signal) =>
      this.#replace(child, signal ? `it needed more than ${LIMIT_MB} MB` : 'its child ended'),
    );
    return child;
  }

  #heard(child: Child, reply: Reply): void {
    child.seenAt = Date.now();
    child.heard = true;
    if (this.#child !== child) return;
    if (reply.ok === 'began') {
      child.running = { id: reply.id, since: Date.now() };
      return;
    }
    child.running = NONE;
    this.#settle(reply.id, reply.ok ? reply : { ...reply, killed: false });
  }

  /** What ran when the child ended has failed; what waited behind it goes to another. */
  #replace(child: Child, why: string): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    const { id, since } = child.running;
    const ended = { ...failed(why), ms: id === 0 ? 0 : Date.now() - since, killed: true };
    // A child that dies before it runs anything would die again.
    for (const job of this.#jobs) if (!child.heard || job.id === id) this.#settle(job.id, ended);
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
    this.#child?.process.ref();
    this.#child?.process.channel?.ref();
    this.#watch ??= setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  #rest(): void {
    clearInterval(this.#watch);
    this.#watch = undefined;
    this.#child?.process.unref();
    this.#child?.process.channel?.unref();
  }

  #look(): void {
    const child = this.#child;
    if (!child || !this.#isLate(child)) return;
    const { id } = child.running;
    // This process may be what was late: an answer that has come already counts.
    setImmediate(() => {
      if (this.#child !== child || child.running.id !== id || !this.#isLate(child)) return;
      child.process.kill('SIGKILL');
      this.#replace(child, id === 0 ? 'its child did not start' : `it took longer than ${LIMIT_MS} ms`);
    });
  }

  #isLate({ running: { id, since }, seenAt }: Child): boolean {
    const [first] = this.#jobs;
    if (!first) return false;
    if (id !== 0) return Date.now() - since > LIMIT_MS;
    return Date.now() - Math.max(first.postedAt, seenAt) > STARTS_WITHIN_MS;
  }
}

function startChild(name: string): ChildProcess {
  const child = fork(siblingScript(import.meta.url, 'child'), [name], {
    // It needs neither what this process was told nor its secrets.
    env: {},
    execArgv: [`--max-old-space-size=${LIMIT_MB}`, '--max-semi-space-size=16'],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  child.unref();
  child.channel?.unref();
  giveWay(child);
  return child;
}

/** On few processors what people write would take the time of everybody else's requests. */
function giveWay({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) setPriority(pid, CHILD_PRIORITY);
  } catch {
    // It has ended already, or the system has no priorities.
  }
}

function failed(message: string): Done & { ok: false } {
  return { ok: false, message, ms: 0, killed: false };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
