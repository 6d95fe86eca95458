import { fileURLToPath } from 'node:url';
import {
  CreateChannelMembershipCommand,
  DescribeChannelCommand,
  DescribeChannelMembershipCommand,
} from '@aws-sdk/client-chime-sdk-messaging';
import { Worker, NativeConnection } from '@temporalio/worker';
import { createChimeClients } from '../src/chime/client.ts';
import { readConfig } from '../src/config.ts';
import { connect } from '../src/service/connect.ts';
import { bind } from '../src/policies/binding.ts';
import { builtIns } from '../src/policies/built-ins.ts';
import { createPolicySet } from '../src/policies/policy-set.ts';
import type { LocalStack } from '../src/stack/local-stack.ts';
import { withBench } from './stack.ts';

// A plain public self-join against the same work as a bare workflow, on one server in one run: machines are noisy, so the two
// take turns, and ratios are what counts.
const ROUNDS = 150;
const WARM_UP = 15;
const AT_ONCE = 20;
const MANY = 400;
const GOALS = { events: 16, time: 1.25, throughput: 0.8 };

interface Request {
  readonly channelArn: string;
  readonly memberArn: string;
}

function createBareActivities(bearer: string) {
  const { messaging } = createChimeClients({ callTimeoutMs: 5_000 });
  return {
    async readTwice({ channelArn, memberArn }: Request): Promise<void> {
      const about = { ChannelArn: channelArn, ChimeBearer: bearer };
      await Promise.all([
        messaging.send(new DescribeChannelCommand(about)),
        messaging
          .send(new DescribeChannelMembershipCommand({ ...about, MemberArn: memberArn }))
          .catch((error: unknown) => error),
      ]);
    },
    async addMember({ channelArn, memberArn }: Request): Promise<string> {
      const answer = await messaging.send(
        new CreateChannelMembershipCommand({
          ChannelArn: channelArn,
          MemberArn: memberArn,
          Type: 'DEFAULT',
          ChimeBearer: memberArn,
        }),
      );
      return answer.Member?.Arn ?? '';
    },
  };
}

export type BareActivities = ReturnType<typeof createBareActivities>;

await withBench(async (bench) => {
  const { stack } = bench;
  const privacy = builtIns.find(({ id }) => id === 'privacy');
  if (!privacy) throw new Error('there is no built-in policy privacy');
  const served = await bench.serve('join', createPolicySet([bind(privacy)]));
  const { service } = served;
  const bare = await serveBare(stack.env, stack.serviceBearer);
  const channelArn = `${stack.appInstanceArn}/channel/lobby`;
  // They are made before: only the joining is timed.
  const newcomers = await createUsers(stack, 2 * (ROUNDS + WARM_UP) + 4 * MANY);
  const next = (): Request => ({ channelArn, memberArn: newcomers.pop() ?? '' });
  const join = async () => {
    const answer = await service.join(next());
    if (!answer.ok || answer.value.outcome !== 'joined') throw new Error(`not joined: ${JSON.stringify(answer)}`);
    return answer.value.id;
  };

  const times = { join: [] as number[], bare: [] as number[] };
  let last = '';
  for (let round = 0; round < ROUNDS + WARM_UP; round += 1) {
    const [ours, theirs] = [
      await timed(async () => {
        last = await join();
      }),
      await timed(async () => bare.run(next())),
    ];
    if (round < WARM_UP) continue;
    times.join.push(ours);
    times.bare.push(theirs);
  }
  const [ours, theirs] = [median(times.join), median(times.bare)];
  const rates = { join: await rate(join), bare: await rate(async () => bare.run(next())) };
  const again = { join: await rate(join), bare: await rate(async () => bare.run(next())) };
  const throughput = (rates.join + again.join) / (rates.bare + again.bare);
  const count = await served.events(last);
  console.log(`events of a plain join: ${count}; the goal is ${GOALS.events} at most`);
  console.log(
    `p50: ${ours.toFixed(1)} ms, bare ${theirs.toFixed(1)} ms, ratio ${(ours / theirs).toFixed(2)}; the goal is ${GOALS.time} at most`,
  );
  console.log(
    `throughput: ${rates.join.toFixed(0)} and ${again.join.toFixed(0)} a second, bare ${rates.bare.toFixed(0)} and ${again.bare.toFixed(0)}, ratio ${throughput.toFixed(2)}; the goal is ${GOALS.throughput} at least`,
  );
  await bare.stop();
  if (count > GOALS.events || ours / theirs > GOALS.time || throughput < GOALS.throughput) process.exitCode = 1;
});

async function serveBare(env: Record<string, string>, bearer: string) {
  const [config, access] = [readConfig(env), await connect(env)];
  if (!config.ok || !access.ok) throw new Error('the local stack cannot be used');
  const { address, client } = access.value;
  const connection = await NativeConnection.connect({ address });
  const activities = createBareActivities(bearer);
  const workflowsPath = fileURLToPath(new URL('bare-workflow.ts', import.meta.url));
  const workers = await Promise.all([
    Worker.create({ connection, taskQueue: 'bench-bare', workflowsPath, activities }),
    Worker.create({ connection, taskQueue: 'bench-bare-chime', activities }),
  ]);
  const running = Promise.all(workers.map((worker) => worker.run()));
  let started = 0;
  return {
    async run(request: Request): Promise<void> {
      started += 1;
      await client.workflow.execute('bareJoin', {
        workflowId: `bare-${started}`,
        taskQueue: 'bench-bare',
        args: [request, 'bench-bare-chime'],
      });
    },
    async stop(): Promise<void> {
      for (const worker of workers) worker.shutdown();
      await running;
      await connection.close();
      await access.value.close();
    },
  };
}

async function createUsers(stack: LocalStack, count: number): Promise<string[]> {
  const users: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const AppInstanceUserId = `newcomer-${index}`;
    const about = {
      AppInstanceArn: stack.appInstanceArn,
      AppInstanceUserId,
      Name: 'New',
      ClientRequestToken: AppInstanceUserId,
    };
    const body = JSON.stringify(about);
    const answer = await fetch(`${stack.emulator.url}/app-instance-users`, { method: 'POST', body });
    if (!answer.ok) throw new Error(await answer.text());
    users.push(`${stack.appInstanceArn}/user/${AppInstanceUserId}`);
  }
  return users;
}

/** How many a second, many at once. */
async function rate(work: () => Promise<unknown>): Promise<number> {
  let begun = 0;
  const startedAt = performance.now();
  const line = async () => {
    for (; begun < MANY;) {
      begun += 1;
      await work();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, line));
  return MANY / ((performance.now() - startedAt) / 1_000);
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

function median(values: readonly number[]): number {
  return values.toSorted((x, y) => x - y)[Math.floor(values.length / 2)] ?? 0;
}
