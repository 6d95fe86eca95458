import { setTimeout as sleep } from 'node:timers/promises';
import { embeddedPolicySet } from '../src/policies/policy-set.ts';
import type { AdmissionService } from '../src/service/admission-service.ts';
import { withBench } from './stack.ts';

// What one pending request costs in the memory of its worker, while it is cached: the slope of the resident set over requests
// that wait for people. The server and the emulator are processes of their own, and do not count.
const STEPS = [0, 250, 500, 1_000];
const AT_ONCE = 10;
const MB = 1_048_576;

await withBench(async (bench) => {
  const { stack } = bench;
  const { service } = await bench.serve('memory', embeddedPolicySet(), { maxCachedWorkflows: 2_000 });
  const channelArn = `${stack.appInstanceArn}/channel/board`;
  const memberAt = (index: number) => `${stack.appInstanceArn}/user/waiting-${index}`;
  // Whatever is loaded and compiled by the first requests is no request's.
  await ask(service, channelArn, [memberAt(-1), memberAt(-2)]);
  const points: { readonly pending: number; readonly rss: number }[] = [];
  let pending = 0;
  for (const wanted of STEPS) {
    for (; pending < wanted; pending += AT_ONCE) {
      const members = Array.from({ length: AT_ONCE }, (_, index) => memberAt(pending + index));
      await ask(service, channelArn, members);
    }
    const rss = await settledRss();
    points.push({ pending, rss });
    const [first = { pending: 0, rss }] = points;
    const each = pending === 0 ? '' : `, ${((rss - first.rss) / pending / MB).toFixed(2)} MB each`;
    console.log(`${pending} pending: ${(rss / MB).toFixed(0)} MB${each}`);
  }
  const [from, to] = [points[1], points.at(-1)];
  if (!from || !to) return;
  const slope = (to.rss - from.rss) / (to.pending - from.pending) / MB;
  console.log(`from ${from.pending} to ${to.pending}: ${slope.toFixed(2)} MB for each pending request`);
});

/** On a busy machine an answer may take longer than who asks waits: then asks again, until all of them are pending. */
async function ask(service: AdmissionService, channelArn: string, members: readonly string[]): Promise<void> {
  // All of them have ended before an error ends the bench: else it would tell of a closed connection.
  const done = await Promise.allSettled(
    members.map(async (memberArn) => {
      for (;;) {
        const answer = await service.join({ channelArn, memberArn });
        if (answer.ok && answer.value.state === 'pending') return;
        const isLate = answer.ok ? answer.value.state === 'evaluating' : answer.error.code === 'NoWorker';
        if (!isLate) throw new Error(`a request is not pending: ${JSON.stringify(answer)}`);
      }
    }),
  );
  const failed = done.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
}

/** Once nothing grows any more: garbage is collected when the threads are at rest. */
async function settledRss(): Promise<number> {
  globalThis.gc?.();
  let lowest = process.memoryUsage().rss;
  for (let quiet = 0; quiet < 5;) {
    await sleep(1_000);
    const rss = process.memoryUsage().rss;
    quiet = rss < lowest - MB ? 0 : quiet + 1;
    lowest = Math.min(lowest, rss);
  }
  return process.memoryUsage().rss;
}
