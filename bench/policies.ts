import { bind } from '../src/policies/binding.ts';
import { builtIns } from '../src/policies/built-ins.ts';
import { createPolicySet } from '../src/policies/policy-set.ts';
import type { AdmissionService } from '../src/service/admission-service.ts';
import { withBench } from './stack.ts';

// How much longer a request takes with 100 policy bindings than with one, in the same run: machines are noisy, so the two
// take turns and medians are compared.
const ROUNDS = 60;
const WARM_UP = 10;

function policy(id: string) {
  const found = builtIns.find((one) => one.id === id);
  if (!found) throw new Error(`there is no built-in policy ${id}`);
  return found;
}

const privacy = bind(policy('privacy'));
const rules = Array.from({ length: 99 }, (_, index) =>
  bind(
    policy('expression'),
    {
      denyWhen: `has(request.reason) && request.reason == 'number ${index}' && facts.channel.privacy == 'PUBLIC'`,
      code: 'NEVER',
    },
    { name: `rule-${index}` },
  ),
);

await withBench(async (bench) => {
  const { stack } = bench;
  const one = await bench.serve('one', createPolicySet([privacy]));
  const hundred = await bench.serve('hundred', createPolicySet([privacy, ...rules]));
  const member = stack.users['alice'] ?? '';
  // Denied by its bearer: nothing is written, so only the deciding is timed.
  const request = { channelArn: `${stack.appInstanceArn}/channel/board`, memberArn: member, chimeBearer: member };
  const times = { one: [] as number[], hundred: [] as number[] };
  for (let round = 0; round < ROUNDS + WARM_UP; round += 1) {
    const [first, second] = [await timed(one.service, request), await timed(hundred.service, request)];
    if (round < WARM_UP) continue;
    times.one.push(first.ms);
    times.hundred.push(second.ms);
    if (round === ROUNDS + WARM_UP - 1) {
      const [few, many] = [await one.events(first.id), await hundred.events(second.id)];
      console.log(`events in the history: ${few} with 1 binding, ${many} with 100`);
    }
  }
  const [a, b] = [median(times.one), median(times.hundred)];
  console.log(`a request with 1 binding    ${a.toFixed(1)} ms (median of ${ROUNDS})`);
  console.log(`a request with 100 bindings ${b.toFixed(1)} ms (median of ${ROUNDS})`);
  console.log(`added ${(b - a).toFixed(1)} ms, ratio ${(b / a).toFixed(2)}; the bound is 50 ms`);
  if (b - a >= 50) process.exitCode = 1;
});

async function timed(service: AdmissionService, request: object): Promise<{ ms: number; id: string }> {
  const startedAt = performance.now();
  const answer = await service.join(request);
  const ms = performance.now() - startedAt;
  if (!answer.ok || answer.value.reason?.code !== 'CALLER_NOT_ALLOWED') throw new Error(JSON.stringify(answer));
  return { ms, id: answer.value.id };
}

function median(values: number[]): number {
  return values.toSorted((x, y) => x - y)[Math.floor(values.length / 2)] ?? 0;
}
