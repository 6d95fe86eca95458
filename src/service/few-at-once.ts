/**
 * How many commands this process gives to one request at once. Temporal takes ten; each one more does not only fail, it
 * makes the server forget the task in which the ten are handled (seen with server 1.29: nothing gets done at all).
 */
const AT_ONCE = 6;

const busy = new Map<string, { running: number; readonly waiting: (() => void)[] }>();

/** Does something about a request when its turn comes; turns are in the order of asking. */
export async function fewAtOnce<T>(id: string, work: () => Promise<T>): Promise<T> {
  const line = busy.get(id) ?? { running: 0, waiting: [] };
  busy.set(id, line);
  if (line.running >= AT_ONCE) await new Promise<void>((resolve) => line.waiting.push(resolve));
  else line.running += 1;
  try {
    return await work();
  } finally {
    const next = line.waiting.shift();
    // Who waits takes over the place.
    if (next) next();
    else line.running -= 1;
    if (line.running === 0) busy.delete(id);
  }
}
