import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findFixtures, loadFixture } from '../../src/authoring/load-fixture.ts';
import { coverageOf, runFixture } from '../../src/authoring/run-fixture.ts';
import { formatTestReport, testReport } from '../../src/authoring/test-report.ts';

const SET = `apiVersion: admission/v1
defaultVerdict: deny
bindings:
  - name: auditors
    use: approval
    matchConditions: [{ name: hidden, expression: "request.type == 'HIDDEN'" }]
    params: { approve: 2 }
  - name: reasons
    use: expression
    params: { denyWhen: "!has(request.reason)", allowWhen: "facts.channel.privacy == 'PUBLIC'", code: REASON_MISSING }
  - name: on-call
    use: http
    params: { url: "https://on-call.example/ask", secretEnv: ON_CALL_SECRET }
    failurePolicy: Ignore
  - name: nobody
    use: expression
    params: { denyWhen: "true" }
    enforcement: Off
`;

const CASES = {
  admit: `
  - name: with a reason
    request: { reason: please }
    answers: { on-call: { verdict: notApplicable, because: busy } }
    expect: { action: admit, decisions: { auditors: { evaluation: notApplicable }, reasons: { action: admit } } }`,
  pend: `
  - name: hidden
    request: { reason: please, type: HIDDEN, requestedBy: mona }
    answers: { on-call: { error: down } }
    expect:
      action: pend
      requirements: [{ binding: auditors, approve: 2 }]
      decisions: { on-call: { evaluation: error, action: none, code: POLICY_ERROR } }`,
  deny: `
  - name: without a reason
    answers: { on-call: { verdict: allow } }
    expect: { action: deny, code: REASON_MISSING }`,
  member: `
  - name: a member already
    request: { reason: please }
    facts: { member.membership: { type: DEFAULT } }
    answers: { on-call: { verdict: allow } }
    expect: { action: alreadyMember }`,
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'set-fixtures-'));
  await writeFile(join(folder, 'admission.yaml'), SET);
});
afterAll(() => rm(folder, { recursive: true }));

async function run(cases: string, set = './admission.yaml') {
  const loaded = await loadFixture(`set: ${set}\ncases:${cases}\n`, join(folder, 'admission.test.yaml'));
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.issues));
  return runFixture(loaded.fixture);
}

const uncovered = (...results: Awaited<ReturnType<typeof run>>[]) =>
  coverageOf(results)
    .goals.filter(({ reached }) => !reached)
    .map(({ binding, what }) => `${binding} ${what}`);

const expecting = async (requirements: string) =>
  run(CASES.pend.replace('[{ binding: auditors, approve: 2 }]', requirements));

describe('cases of a policy set', () => {
  test('go through evaluation, external answers, composition and the host rules', async () => {
    const result = await run(Object.values(CASES).join(''));
    expect(result.cases.flatMap(({ differences, problems }) => [...differences, ...problems])).toEqual([]);
    expect(testReport([result], coverageOf([result]))).toMatchObject({
      ok: true,
      passed: 4,
      coverage: { percent: 100 },
    });
  });

  test.each([
    ['no binding', CASES.deny + CASES.pend, []],
    ['neither condition nor binding', CASES.deny + CASES.admit, ['auditors applies', 'auditors hidden is true']],
    [
      'the condition one way',
      CASES.pend + CASES.deny.replace('answers', 'request: { type: HIDDEN }\n    answers'),
      ['auditors hidden is false'],
    ],
    ['a code', CASES.pend + CASES.member, ['reasons REASON_MISSING']],
    [
      'an external policy',
      CASES.admit.replace('action: admit,', 'action: admit,') +
        CASES.pend.replace('error: down', 'verdict: notApplicable, because: busy').replace(/decisions:.*/, ''),
      ['reasons REASON_MISSING', 'on-call applies'],
    ],
  ])('uncovered: %s', async (_title, cases, expected) => {
    expect(uncovered(await run(cases))).toEqual(expected);
  });

  test('a binding that is off needs no case, and the usual code of an expression does', async () => {
    await writeFile(join(folder, 'on.yaml'), SET.replace('enforcement: Off', 'enforcement: Audit'));
    expect(uncovered(await run(Object.values(CASES).join(''), './on.yaml'))).toEqual([]);
    await writeFile(join(folder, 'usual.yaml'), SET.replace(', code: REASON_MISSING', ''));
    expect(uncovered(await run(CASES.admit + CASES.pend, './usual.yaml'))).toEqual(['reasons EXPRESSION']);
  });

  test('a condition that could not be evaluated was not seen false', async () => {
    const set = SET.replace("request.type == 'HIDDEN'", 'size(request.reason) > 3');
    await writeFile(join(folder, 'broken.yaml'), set);
    const broken = CASES.deny.replace('expect: {', 'expect: { decisions: { auditors: { evaluation: error } },');
    const result = await run(broken, './broken.yaml');
    expect(result.cases[0]?.decisions[0]).toMatchObject({ evaluation: 'error' });
    expect(uncovered(result)).toEqual(['auditors hidden is true', 'auditors hidden is false']);
  });

  test('external policies are never asked: a case without their answer fails and says how to give one', async () => {
    const result = await run(CASES.deny.replace(/answers.*/, ''));
    expect(formatTestReport(testReport([result])).join('\n')).toContain('answers: { on-call: { verdict: allow } }');
    expect(testReport([result])).toMatchObject({ ok: false, failed: 1 });
  });

  test('more, fewer and other requirements than expected are differences', async () => {
    for (const requirements of ['[]', '[{ approve: 3 }]', '[{ approve: 2 }, {}]', '[{ binding: reasons }]']) {
      const { cases } = await expecting(requirements);
      expect(cases[0]?.differences.map(({ what }) => what)).toEqual(['requirements']);
    }
    expect(
      (await expecting('[{ approvers: { roles: [app_instance_admin, channel_moderator] } }]')).cases[0]?.differences,
    ).toEqual([]);
  });

  test('an unknown binding in expectations, or a set that cannot be used, is refused', async () => {
    await expect(run(CASES.deny.replace('expect: {', 'expect: { decisions: { nobody: {} },'))).rejects.toThrow(
      /no such binding/,
    );
    await writeFile(join(folder, 'bad.yaml'), SET.replace('approve: 2', 'approve: 0'));
    await expect(run(CASES.deny, './bad.yaml')).rejects.toThrow(/bad.yaml:7.*bindings\[0\].params.approve/);
  });
});

describe('which files are fixtures', () => {
  test('below policies and examples, beside admission.yaml, or as named', async () => {
    for (const name of ['policies/a', 'examples/deep/b', 'elsewhere/c', 'policies/node_modules/d']) {
      await mkdir(join(folder, name, '..'), { recursive: true });
      await writeFile(join(folder, `${name}.test.yaml`), '');
    }
    await writeFile(join(folder, 'admission.test.yaml'), '');
    const short = ({ files }: { files: readonly string[] }) => files.map((file) => file.slice(folder.length + 1));
    expect(short(await findFixtures([], folder))).toEqual([
      'admission.test.yaml',
      'policies/a.test.yaml',
      'examples/deep/b.test.yaml',
    ]);
    const named = await findFixtures(['elsewhere', 'gone.test.yaml', 'elsewhere/c.test.yaml'], folder);
    expect([short(named), named.missing]).toEqual([['elsewhere/c.test.yaml'], ['gone.test.yaml']]);
  });
});
