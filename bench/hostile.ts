import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SEARCH_ATTRIBUTES } from '../src/domain/search-attributes.ts';
import { createAdmissionService } from '../src/service/admission-service.ts';
import { connect } from '../src/service/connect.ts';
import { createOnboardingService } from '../src/service/onboarding.ts';
import { startLocalStack } from '../src/stack/local-stack.ts';
import { attacksOn, hostileSet, type Attack, type Target } from '../test/crash/hostile-attacks.ts';
import { startWorkerProcess } from '../test/crash/worker-process.ts';

// How much longer somebody else's join takes while a worker is attacked, in the same run: the two take turns, so that
// whatever else the machine does is there in both, and medians are compared.
const BOUND = 2;
const AT_A_TIME = 6;

const folder = await mkdtemp(join(tmpdir(), 'bench-hostile-'));
const file = join(folder, 'admission.yaml');
await writeFile(file, hostileSet());
const stack = await startLocalStack({ mode: 'temporary', log: console.error, searchAttributes: SEARCH_ATTRIBUTES });
const queues = { ADMISSION_TASK_QUEUE: 'bench-hostile', ADMISSION_CHIME_TASK_QUEUE: 'bench-hostile-chime' };
const env = { ...stack.env, ...queues, ADMISSION_TRUST_CLIENTS: 'true', ADMISSION_POLICIES: file };
const worker = await startWorkerProcess({ ...env, NODE_OPTIONS: '--max-old-space-size=1500' });
const access = await connect(env);
try {
  if (!access.ok) throw new Error(access.error.message);
  const { client } = access.value;
  const options = { client, taskQueue: queues.ADMISSION_TASK_QUEUE, bearers: [stack.serviceBearer] };
  const more = { idKey: env['ADMISSION_ID_KEY'] };
  await compare({
    client,
    taskQueue: queues.ADMISSION_TASK_QUEUE,
    service: createAdmissionService({ ...options, ...more }),
    onboarding: createOnboardingService({ ...options, ...more }),
    admin: stack.users['ada'] ?? '',
    lobby: `${stack.appInstanceArn}/channel/lobby`,
    board: `${stack.appInstanceArn}/channel/board`,
    newcomer,
  });
} finally {
  await worker.kill('SIGKILL');
  if (access.ok) await access.value.close();
  await stack.stop();
  await rm(folder, { recursive: true });
}

async function newcomer(): Promise<string> {
  const AppInstanceUserId = `user-${randomUUID().slice(0, 8)}`;
  const body = {
    AppInstanceArn: stack.appInstanceArn,
    AppInstanceUserId,
    Name: 'New',
    ClientRequestToken: randomUUID(),
  };
  const answer = await fetch(`${stack.emulator.url}/app-instance-users`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(await answer.text());
  return `${stack.appInstanceArn}/user/${AppInstanceUserId}`;
}

async function compare(target: Target): Promise<void> {
  const attacks = await attacksOn(target);
  const [usual, meanwhile]: [number[], number[]] = [[], []];
  for (let count = 0; count < 10; count += 1) await plainJoin(target);
  for (let from = 0; from < attacks.length; from += AT_A_TIME) {
    const over = new AbortController();
    const attacking = inTurn(attacks.slice(from, from + AT_A_TIME)).finally(() => over.abort());
    while (!over.signal.aborted) meanwhile.push(await plainJoin(target));
    await attacking;
    for (let count = 0; count < AT_A_TIME; count += 1) usual.push(await plainJoin(target));
  }
  const [a, b] = [median(usual), median(meanwhile)];
  console.log(`a plain join                     ${a.toFixed(1)} ms (median of ${usual.length})`);
  console.log(`a plain join beside ${attacks.length} attacks ${b.toFixed(1)} ms (median of ${meanwhile.length})`);
  console.log(`ratio ${(b / a).toFixed(2)}; the bound is ${BOUND}`);
  if (b / a > BOUND) process.exitCode = 1;
}

async function inTurn(attacks: readonly Attack[]): Promise<void> {
  for (const attack of attacks) await attack();
}

async function plainJoin({ service, lobby, newcomer: anybody }: Target): Promise<number> {
  const memberArn = await anybody();
  const startedAt = performance.now();
  const answer = await service.join({ channelArn: lobby, memberArn });
  if (!answer.ok || answer.value.outcome !== 'joined') throw new Error(JSON.stringify(answer));
  return performance.now() - startedAt;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
