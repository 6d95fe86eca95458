import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { admit } from '../support/admit.ts';
import { startAdmission, valueOf } from '../support/admission.ts';
import type { TestAdmission } from '../support/admission.ts';

let admission: TestAdmission;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'policies-tools-'));
  admission = await startAdmission();
});
afterAll(async () => {
  await admission.close();
  await rm(folder, { recursive: true });
});

const run = (...args: string[]) => admit(['policies', ...args], { env: admission.env, cwd: folder });
const channel = (name: string) => admission.emulator.channel(name);
const user = (name: string) => admission.emulator.user(name);
const file = async (name: string, text: string) => writeFile(join(folder, name), text);

interface Failed {
  error: { code: string; field?: string; message: string; accepted?: string };
}

const SET = `apiVersion: admission/v1
defaultVerdict: deny
bindings:
  - { name: privacy, use: privacy }
  - name: reasons
    use: expression
    matchConditions: [{ name: private, expression: "facts.channel.privacy == 'PRIVATE'" }]
    params: { denyWhen: "facts.requester.role != 'member' && !has(request.reason)", code: REASON_MISSING }
`;

describe('admit policies explain', () => {
  test('shows the recorded tree, for people and for programs', async () => {
    const { id } = valueOf(await admission.service.join({ channelArn: channel('board'), memberArn: user('alice') }));
    const shown = await run('explain', id);
    expect(shown.code).toBe(0);
    expect(shown.stdout).toMatch(/\? privacy {2}privacy@[\d.]+: requireApproval {2}← pend/);
    expect(shown.stdout).toMatch(/fact requester.role = "outsider" {2}\(ListAppInstanceAdmins.*, 20\d\d-.*Z\)/);
    expect(shown.stdout).toMatch(/→ 4 else a requirement .*: privacy\n/);
    expect((await run('explain', id, '--json')).json()).toMatchObject({
      id,
      composition: { action: 'pend', rule: 'requirement', bindings: ['privacy'] },
      requirements: [{ binding: 'privacy', progress: { status: 'open', approve: 1, approvedBy: [] } }],
    });
  });

  test('exits 2 for an unknown request', async () => {
    const ran = await run('explain', 'join:nobody', '--json');
    expect([ran.code, ran.json<Failed>().error.code]).toEqual([2, 'UnknownRequest']);
  });
});

const asking = () => ['simulate', '--channel', channel('board'), '--member', user('dave')];

describe('admit policies simulate', () => {
  test('decides on real facts, starts nothing and writes nothing', async () => {
    const ran = await run(...asking(), '--json');
    expect(ran.json()).toMatchObject({
      composition: { action: 'pend', rule: 'requirement' },
      requirements: [{ binding: 'privacy', stages: [{ anyOf: [{ approve: 1 }] }] }],
      request: { memberArn: user('dave'), requestedBy: user('dave') },
    });
    expect(ran.code).toBe(0);
    expect(await admission.emulator.calls('CreateChannelMembership', user('dave'))).toEqual([]);
    const { count } = await admission.client.workflow.count(`AdmissionMember = '${user('dave')}'`);
    expect(count).toBe(0);
  });

  test('tries another policy set, with its conditions and expressions', async () => {
    await file('new.yaml', SET);
    const ran = await run(...asking(), '--set', 'new.yaml');
    expect(ran.stdout).toMatch(/^would deny/);
    expect(ran.stdout).toContain("✓ condition private: facts.channel.privacy == 'PRIVATE'");
    expect(ran.stdout).toContain('· facts.channel.privacy = "PRIVATE"');
    expect(ran.stdout).toContain('✓ facts.requester.role != ');
    expect(ran.stdout).toMatch(/→ 1 .*: reasons\n/);
    expect(ran.code).toBe(0);
  });

  test('decides on given facts alone, without any server, and names those that are missing', async () => {
    const env = {
      ...admission.env,
      TEMPORAL_ADDRESS: '127.0.0.1:1',
      AWS_ENDPOINT_URL_CHIME_SDK_MESSAGING: 'http://127.0.0.1:1',
    };
    const given = async (facts: string) => {
      await file('facts.yaml', facts);
      return admit(['policies', ...asking(), '--set', 'new.yaml', '--facts', 'facts.yaml', '--json'], {
        env,
        cwd: folder,
      });
    };
    await file('new.yaml', SET);
    const facts = 'channel: { privacy: PUBLIC, mode: RESTRICTED, elastic: false }\nrequester.role: outsider\n';
    const missing = await given(facts);
    expect(missing.json<Failed>().error).toMatchObject({
      code: 'MissingFacts',
      message: expect.stringContaining('member.membership'),
      accepted: expect.stringContaining('member.membership: null, or {'),
    });
    expect(missing.code).toBe(2);
    const all = await given(`${facts}member.membership: null\n`);
    expect(all.json()).toMatchObject({ composition: { action: 'admit' }, executor: user('dave') });
    expect(all.code).toBe(0);
    const wrong = await given(`${facts}member.membership: maybe\n`);
    expect(wrong.json<Failed>().error).toMatchObject({
      code: 'InvalidFacts',
      message: expect.stringContaining('facts.yaml:3'),
    });
    expect(wrong.code).toBe(2);
  });

  test('exits 2 for a bad call, naming the flag, and 1 where Chime does not answer', async () => {
    const bad = await run('simulate', '--channel', 'board', '--member', user('dave'), '--json');
    expect(bad.json<Failed>().error.message).toMatch(/^--channel: /);
    expect(bad.code).toBe(2);
    const env = { ...admission.env, AWS_ENDPOINT_URL_CHIME_SDK_MESSAGING: 'http://127.0.0.1:1' };
    const down = await admit(['policies', ...asking(), '--json'], { env, cwd: folder });
    expect([down.code, down.json<Failed>().error.code]).toEqual([1, 'Unavailable']);
  });
});

describe('admit policies test', () => {
  const CASES = `set: ./new.yaml
cases:
  - name: public
    expect: { action: admit }
  - name: private
    facts: { channel: { privacy: PRIVATE } }
    expect: { action: deny, code: REASON_MISSING }
`;

  test('exits 0 when all pass and all is covered, 1 when not, 2 when it is no fixture', async () => {
    await file('new.yaml', SET);
    await file('good.test.yaml', CASES);
    const good = await run('test', 'good.test.yaml');
    expect(good.stdout).toContain('coverage 100 %: bindings 2 of 2, conditions 2 of 2, reason codes 1 of 1');
    expect(good.code).toBe(0);
    await file('failing.test.yaml', CASES.replace('action: admit', 'action: pend'));
    const failing = await run('test', 'failing.test.yaml', '--json');
    expect([failing.code, failing.json()]).toMatchObject([1, { ok: false, passed: 1, failed: 1 }]);
    await file('half.test.yaml', CASES.slice(0, CASES.indexOf('  - name: private')));
    const half = await run('test', 'half.test.yaml');
    expect(half.stdout).toContain('not covered: the code REASON_MISSING of reasons is never given');
    expect(half.code).toBe(1);
    expect((await run('test', 'half.test.yaml', '--no-coverage')).code).toBe(0);
    await file('bad.test.yaml', CASES.replace('expect', 'expects'));
    const bad = await run('test', 'bad.test.yaml');
    expect(bad.stderr).toMatch(/bad.test.yaml:4:\d+ cases\[0\].expects: unknown field/);
    expect(bad.code).toBe(2);
  });

  test('exits 2 where there are no fixtures', async () => {
    const none = await run('test', '--json');
    expect([none.code, none.json<Failed>().error.code]).toEqual([2, 'NoFixtures']);
    const gone = await run('test', 'gone.test.yaml', '--json');
    expect(gone.json<Failed>().error.message).toContain('gone.test.yaml');
  });
});

describe('admit policies backtest', () => {
  test('exits 2 for a bad call, and 6 where no server is', async () => {
    await file('new.yaml', SET);
    const bad = await run('backtest', '--since', 'yesterday', '--set', 'new.yaml', '--json');
    expect([bad.code, bad.json<Failed>().error.field]).toEqual([2, 'since']);
    const noSet = await run('backtest', '--since', '1d', '--set', 'gone.yaml', '--json');
    expect([noSet.code, noSet.json<Failed>().error.code]).toEqual([2, 'InvalidPolicySet']);
    const env = { ...admission.env, TEMPORAL_ADDRESS: '127.0.0.1:1' };
    const args = ['policies', 'backtest', '--since', '1d', '--set', join(folder, 'new.yaml'), '--json'];
    expect((await admit(args, { env })).code).toBe(6);
  });
});
