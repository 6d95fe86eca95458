import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Task } from './child.ts';
import { Lane, type Done } from './lane.ts';

/** Quick enough to run beside what everybody else waits for. */
const QUICK_MS = 50;
const REMEMBERED = 10_000;

// What has proved quick never waits behind what nobody has tried yet, so that who feeds bombs delays only first trials.
const lanes = { proven: new Lane('proven'), untried: new Lane('untried') };
const proven = new LRUCache<string, true>({ max: REMEMBERED });
/** What once took too much is never trusted again, however quick it is with other data. */
const caught = new LRUCache<string, true>({ max: REMEMBERED });

/** Runs what people wrote in a process that is ended when it takes too long or needs too much; then this rejects. */
export async function inChild<Result>({ written, ...task }: Task): Promise<Result> {
  const key = `${task.call} ${hash('sha1', written)}`;
  const done = await lanes[proven.has(key) ? 'proven' : 'untried'].run(task);
  remember(key, done);
  if (!done.ok) throw new Error(done.message);
  return done.value as Result;
}

/** Has every child start and load a module. */
export async function warmUp(task: Omit<Task, 'written'>): Promise<void> {
  await Promise.all(Object.values(lanes).map((lane) => lane.run(task)));
}

function remember(key: string, done: Done): void {
  if (!done.ok && done.killed) {
    caught.set(key, true);
    proven.delete(key);
  } else if (done.ms <= QUICK_MS && !caught.has(key)) {
    proven.set(key, true);
  }
}
