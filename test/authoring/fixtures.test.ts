import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadFixture } from '../../src/authoring/load-fixture.ts';
import { coverageOf, runFixture } from '../../src/authoring/run-fixture.ts';
import { formatTestReport, testReport } from '../../src/authoring/test-report.ts';
import { NO_HISTORY } from '../../src/domain/history.ts';
import { channel, user } from '../policies/fixtures.ts';

const POLICY = new URL('../../src/kit/policy.ts', import.meta.url).href;

/** Denies before ten, asks for two approvals for bots, and lets in everybody else. */
const OFFICE_HOURS = `
import { allow, definePolicy, deny, requireApproval, z } from '${POLICY}';
// deny('IN_A_COMMENT', 'x')
export default definePolicy({
  id: 'office-hours', version: '1.0.0', title: 'Office hours', kind: 'pure', facts: ['channel', 'requester.role'],
  params: z.strictObject({ from: z.number().int().default(10) }),
  evaluate(request: any, { params, facts, now, log }: any) {
    log(JSON.stringify({ request, facts }));
    if (now.getUTCHours() < params.from) return deny('OFFICE_CLOSED', 'The office is closed.');
    if (request.memberArn.includes('/bot/')) return requireApproval(2, ['app_instance_admin']);
    if (facts.channel.mode === 'UNRESTRICTED') return { verdict: 'deny', code: 'TOO_OPEN', message: 'x' };
    return allow();
  },
});
`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fixtures-'));
  await writeFile(join(folder, 'office-hours.ts'), OFFICE_HOURS);
});
afterAll(() => rm(folder, { recursive: true }));

const load = (text: string, file = 'office-hours.test.yaml') => loadFixture(text, join(folder, file));

async function run(text: string) {
  const loaded = await load(text);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.issues));
  return runFixture(loaded.fixture);
}

async function issuesOf(text: string): Promise<string[]> {
  const loaded = await load(text);
  return loaded.ok ? [] : loaded.issues.map(({ line, path, message }) => `${line} ${path}: ${message}`);
}

const ALL = `policy: ./office-hours.ts
cases:
  - { name: open, expect: { evaluation: allow } }
  - { name: closed, now: 2026-11-23T05:00:00Z, expect: { evaluation: deny, code: OFFICE_CLOSED, message: The office is closed. } }
  - name: bots
    request: { member: bot/helper, requestedBy: bob }
    expect: { evaluation: requireApproval, requirement: { approve: 2, approvers: { roles: [app_instance_admin] } } }
  - name: too open
    facts: { channel: { mode: UNRESTRICTED } }
    expect: { evaluation: deny, code: TOO_OPEN }
`;

describe('cases of one policy', () => {
  test('that come out as expected pass, with full coverage', async () => {
    const result = await run(ALL);
    expect(result.cases.flatMap(({ differences, problems }) => [...differences, ...problems])).toEqual([]);
    const coverage = coverageOf([result]);
    expect(coverage).toMatchObject({ percent: 100, unlisted: [] });
    expect(coverage.goals.map(({ what }) => what)).toEqual(['applies', 'OFFICE_CLOSED', 'TOO_OPEN']);
    expect(testReport([result], coverage)).toMatchObject({ ok: true, passed: 4, failed: 0 });
  });

  test('that come out otherwise say what was expected and what came', async () => {
    const result = await run(ALL.replace('approve: 2', 'approve: 1').replace('code: TOO_OPEN', 'code: TO_OPEN'));
    const report = testReport([result]);
    expect(report).toMatchObject({ ok: false, passed: 2, failed: 2 });
    const lines = formatTestReport(report).map((line) => line.trim());
    expect(lines).toContain('FAIL  bots (line 5)');
    expect(lines).toContain('code: expected "TO_OPEN", got "TOO_OPEN"');
    expect(lines).toContain(
      'requirement: expected {"approve":1,"approvers":{"roles":["app_instance_admin"]}}, got {"stages":[{"name":"review","approvers":{"roles":["app_instance_admin"]},"anyOf":[{"approve":2,"deny":1}],"outcomeIfNoApprovers":"deny","timedActions":[],"justification":"optional"}]}',
    );
  });

  test('params go through the schema of the policy', async () => {
    const early = ALL.replace('cases:', 'params: { from: 5 }\ncases:');
    expect(testReport([await run(early)])).toMatchObject({ failed: 1 });
    const [issue] = await issuesOf(ALL.replace('cases:', 'params: { from: soon }\ncases:'));
    expect(issue).toMatch(/^2 params.from: is "soon"/);
  });

  test('a case that nobody reaches fails by its coverage alone', async () => {
    const result = await run(ALL.slice(0, ALL.indexOf('  - name: too open')));
    const coverage = coverageOf([result]);
    expect(coverage.percent).toBe(66);
    const report = testReport([result], coverage);
    expect(report).toMatchObject({ ok: false, failed: 0 });
    expect(formatTestReport(report).join('\n')).toContain(
      'not covered: the code TOO_OPEN of office-hours is never given',
    );
    expect(testReport([result])).toMatchObject({ ok: true });
  });

  test('files that test the same policy are covered together', async () => {
    const [first, second] = [
      ALL.slice(0, ALL.indexOf('  - name: too open')),
      `policy: ./office-hours.ts\ncases:\n${ALL.slice(ALL.indexOf('  - name: too open'))}`,
    ];
    expect(coverageOf([await run(first), await run(second)]).percent).toBe(100);
  });
});

async function filled(fields: string): Promise<{ request: object; facts: object }> {
  const loaded = await load(`policy: ./office-hours.ts\ncases: [{ name: x, ${fields} expect: { evaluation: allow } }]`);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.issues));
  const [one] = loaded.fixture.cases;
  if (!one) throw new Error('no case');
  const facts = Object.fromEntries(Object.entries(one.facts).map(([name, fact]) => [name, fact?.value]));
  return { request: one.request, facts };
}

describe('what is not said', () => {
  test('is an outsider who joins a public channel', async () => {
    const { request, facts } = await filled('');
    expect(request).toEqual({
      channelArn: channel('lobby'),
      memberArn: user('alice'),
      requestedBy: user('alice'),
      type: 'DEFAULT',
    });
    expect(facts).toEqual({
      channel: { privacy: 'PUBLIC', mode: 'RESTRICTED', elastic: false },
      'requester.role': 'outsider',
      'requester.ban': false,
      'bearer.role': null,
      'member.membership': null,
      'member.moderator': false,
      'member.ban': false,
      moderators: [user('mona'), user('max')],
      admins: [user('ada')],
      history: NO_HISTORY,
      approvers: {
        channel_moderator: 2,
        app_instance_admin: 1,
        total: 3,
        people: [
          { arn: user('mona'), roles: ['channel_moderator'], matched: [] },
          { arn: user('max'), roles: ['channel_moderator'], matched: [] },
          { arn: user('ada'), roles: ['app_instance_admin'], matched: [] },
        ],
      },
    });
  });

  test('follows from what is said: approvers from rosters and parties, the bearer from who it is', async () => {
    const request = 'request: { member: mona, chimeBearer: bot/service },';
    const { facts } = await filled(`${request} facts: { moderators: [mona, ada], admins: [ada, bot/service] },`);
    expect(facts).toMatchObject({
      approvers: { channel_moderator: 1, app_instance_admin: 1, total: 1 },
      'bearer.role': 'admin',
      'member.moderator': true,
    });
  });

  test('short ids belong to the app instance of the channel', async () => {
    const home = 'arn:aws:chime:eu-central-1:444455556666:app-instance/other';
    const { request } = await filled(`request: { channel: "${home}/channel/c", member: bob },`);
    expect(request).toMatchObject({ memberArn: `${home}/user/bob` });
  });
});

const one = (text: string) => `policy: ./office-hours.ts\ncases:\n  - name: x\n${text}`;
const good = '    expect: { evaluation: allow }\n';

describe('a bad fixture says where and what', () => {
  test.each([
    ['nothing at all', '', /^1 : this is no fixture/],
    ['no YAML', 'cases: [', /^\d+ : /],
    ['a key twice', `policy: a\npolicy: b\n`, /^2 : .*unique/],
    ['no cases', 'policy: ./office-hours.ts\ncases: []', /^2 cases: /],
    ['two things to test', `use: ban\n${one(good)}`, /^1 use: unknown field/],
    ['an unknown field', one(`    fact: {}\n${good}`), /^4 cases\[0\].fact: unknown field/],
    [
      'an unknown fact',
      one(`    facts:\n      chanel: 1\n${good}`),
      /^5 cases\[0\].facts.chanel: there is no fact chanel/,
    ],
    ['a bad fact', one(`    facts:\n      channel: { mode: OPEN }\n${good}`), /^5 cases\[0\].facts.channel.mode: /],
    [
      'a bad request',
      one(`    request: { subChannelId: "?" }\n${good}`),
      /^4 cases\[0\].request.subChannelId: .*not valid/,
    ],
    ['a bad time', one(`    now: today\n${good}`), /^4 cases\[0\].now: /],
    [
      'an answer of nobody',
      one(`    answers: { ban: { verdict: allow } }\n${good}`),
      /^4 cases\[0\].answers.ban: there is no such binding/,
    ],
    [
      'an answer that is none',
      one(`    answers: { x: { verdict: maybe } }\n${good}`),
      /^4 cases\[0\].answers.x: there is no such binding/,
    ],
    ['an expectation of a set', one('    expect: { action: admit }'), /^4 cases\[0\].expect.evaluation: /],
    [
      'a policy that is not there',
      'policy: ./gone.ts\ncases: [{ name: x, expect: { evaluation: allow } }]',
      /^1 policy: there is no file/,
    ],
    [
      'a built-in that is not there',
      'use: gone\ncases: [{ name: x, expect: { evaluation: allow } }]',
      /^1 use: there is no built-in policy and no installed package gone/,
    ],
  ])('%s', async (_title, text, message) => {
    expect((await issuesOf(text))[0]).toMatch(message);
  });

  test('a file without a policy is refused', async () => {
    await writeFile(join(folder, 'none.ts'), 'export const officeHours = { id: "x" };');
    expect((await issuesOf(ALL.replace('office-hours', 'none')))[0]).toMatch(
      /^1 policy: .*no default export that definePolicy made/,
    );
  });
});

describe('built-in policies', () => {
  test('are tested by id', async () => {
    const text = `use: ban\ncases: [{ name: banned, facts: { member.ban: true }, expect: { evaluation: deny, code: BANNED } }]`;
    const result = await run(text);
    expect(testReport([result], coverageOf([result]))).toMatchObject({ ok: true, passed: 1 });
  });
});

describe('coverage of what is not a literal', () => {
  test('is noted and not counted', async () => {
    const text = OFFICE_HOURS.replace("deny('OFFICE_CLOSED'", "deny('OFFICE' + '_CLOSED'");
    await writeFile(join(folder, 'built.ts'), text);
    const result = await run(ALL.replace('office-hours', 'built'));
    const coverage = coverageOf([result]);
    expect(coverage).toMatchObject({ percent: 100, unlisted: [{ code: 'OFFICE_CLOSED' }] });
    expect(coverage.goals.map(({ what }) => what)).not.toContain('OFFICE_CLOSED');
  });
});
