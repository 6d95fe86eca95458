import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startAdmission, valueOf, type TestAdmission } from '../support/admission.ts';
import { admit } from '../support/admit.ts';
import { inLane } from '../support/lane.ts';

const COUNT = inLane({ short: 60, long: 500 });
const AT_ONCE = 20;

/** The embedded set, as a file, with what each test adds. */
const EMBEDDED = `apiVersion: admission/v1
defaultVerdict: deny
bindings:
  - { name: privacy, use: privacy }
  - { name: ban, use: ban }
  - { name: sub-channel, use: sub-channel }
  - { name: hidden-approval, use: hidden-approval }
`;

interface Report {
  requests: number;
  unchanged: number;
  changed: { id: string; from: object; to: object; bindings: string[] }[];
  undecidable: object[];
  openWithoutWorker: number;
  keptDays: number;
  tooFar: boolean;
}

let admission: TestAdmission;
let folder: string;
let calls: number;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backtest-'));
  admission = await startAdmission({ ADMISSION_FACT_TTL: '1m' });
  const { emulator, service } = admission;
  // All but one are denied or wait for people: nothing is written to Chime for them.
  const denied = { channelArn: emulator.channel('lobby'), subChannelId: 'x' };
  const pending = { channelArn: emulator.channel('board') };
  const joined = { channelArn: emulator.channel('lobby'), memberArn: emulator.user('alice') };
  const kindOf = (index: number) => (index === COUNT / 2 ? joined : index % 20 === 0 ? pending : denied);
  let next = 0;
  const ask = async () => {
    for (let index = next++; index < COUNT; index = next++) {
      valueOf(await service.join({ memberArn: emulator.user(`u${index}`), ...kindOf(index) }));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, ask));
  await seen(COUNT);
  calls = (await emulator.calls('DescribeChannelMembership')).length;
});
afterAll(async () => {
  await admission.close();
  await rm(folder, { recursive: true });
});

/** Temporal lists what it was told a moment ago. */
async function seen(count: number): Promise<void> {
  for (;;) {
    if ((await admission.client.workflow.count(`TaskQueue = '${admission.taskQueue}'`)).count >= count) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function run(set: string, ...args: string[]) {
  const file = join(folder, 'new.yaml');
  await writeFile(file, set);
  const ran = await admit(['policies', 'backtest', '--set', file, '--json', ...args], {
    env: admission.env,
    cwd: folder,
  });
  return { code: ran.code, report: ran.json<Report>(), stderr: ran.stderr };
}

const plant = (member: string, more = '') => `${EMBEDDED}  - name: planted
    use: expression
    params: { denyWhen: "request.memberArn == '${member}'", code: PLANTED }
${more}`;

describe(`${COUNT} recorded requests`, () => {
  test('finds the outcome that was planted, and nothing else', async () => {
    const { code, report, stderr } = await run(plant(admission.emulator.user('alice')), '--since', '1h');
    expect(stderr).toBe('');
    expect(report).toMatchObject({
      undecidable: [],
      openWithoutWorker: 0,
      more: false,
      tooFar: false,
      requests: COUNT,
    });
    expect(report.changed).toEqual([
      {
        id: expect.stringMatching(/^join:[0-9a-f]{24}$/),
        runId: expect.any(String),
        from: { action: 'admit' },
        to: { action: 'deny', code: 'PLANTED' },
        bindings: ['planted'],
      },
    ]);
    expect(report.unchanged).toBe(COUNT - 1);
    expect(code).toBe(1);
  });

  test('changes nothing under the same set, and asks Chime nothing', async () => {
    const { code, report } = await run(EMBEDDED, '--since', '1h');
    expect(report).toMatchObject({ changed: [], undecidable: [] });
    expect(code).toBe(0);
    expect((await admission.emulator.calls('DescribeChannelMembership')).length).toBe(calls);
  });

  test('says how long the namespace keeps requests, and warns when that is less', async () => {
    const { report } = await run(EMBEDDED, '--since', '3650d', '--limit', '5');
    expect(report).toMatchObject({ requests: 5, more: true, tooFar: true });
    expect(report.keptDays).toBeGreaterThanOrEqual(1);
    const file = join(folder, 'new.yaml');
    const text = await admit(['policies', 'backtest', '--set', file, '--since', '3650d', '--limit', '5'], admission);
    expect(text.stdout).toMatch(/the namespace keeps closed requests for [\d.]+ day\(s\)\nwarning: --since 3650d/);
  });

  test('a fact that was not recorded makes a request undecidable', async () => {
    const set = EMBEDDED.replace(
      '  - { name: ban',
      `  - name: crowded
    use: expression
    params: { denyWhen: "size(facts.moderators) > 5", code: CROWDED }
  - { name: ban`,
    );
    const { code, report } = await run(set, '--since', '1h', '--limit', '3');
    expect(report).toMatchObject({ changed: [], unchanged: 0 });
    expect(report.undecidable).toMatchObject(
      Array.from({ length: 3 }, () => ({ because: 'the fact moderators was not recorded' })),
    );
    expect(code).toBe(1);
  });
});
