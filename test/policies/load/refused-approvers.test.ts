import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DURATION } from '../../../src/domain/duration.ts';
import { createSetFolder, policyText, setOf } from './set-folder.ts';
import type { SetFolder } from './set-folder.ts';

let folder: SetFolder;
beforeAll(async () => {
  const provides = "{ 'oncall.people': { source: 'x', ttlMs: 0, read: () => [] } }";
  folder = await createSetFolder({ 'on-call.ts': policyText({ id: "'on-call'", provides }) });
});
afterAll(() => folder.remove());

const at = (place: string, path: string, message: string, accepted: string) =>
  `admission.yaml:${place} bindings[0].params.${path}: ${message} (accepted: ${accepted})`;

const ROLES = 'one of channel_moderator, app_instance_admin';
const UNKNOWN = 'it is no office of Chime, and no policy of the set provides it';
const REVIEWER = 'one of reviewer.arn, reviewer.id, reviewer.roles';
const STAGE = 'one of name, approvers, anyOf, fallback, outcomeIfNoApprovers, dueIn, timedActions, justification';

const asks = (...lines: string[]) => setOf('approval', 'params:', ...lines.map((line) => `  ${line}`));
const staged = (...lines: string[]) =>
  asks('stages:', '  - anyOf: [{ approve: 1 }]', ...lines.map((line) => `    ${line}`));

describe('approvers are refused for', () => {
  test.each<[string, string, string]>([
    [
      'a misspelled office',
      asks('approvers: { roles: [channel_moderater] }'),
      at(
        '6:28',
        'approvers.roles[0]',
        `unknown role channel_moderater: ${UNKNOWN}`,
        `did you mean channel_moderator? ${ROLES}`,
      ),
    ],
    [
      'a fact of the host',
      asks('approvers: { roles: [app_instance_admin, moderators] }'),
      at('6:48', 'approvers.roles[1]', `unknown role moderators: ${UNKNOWN}`, ROLES),
    ],
    [
      'an unknown role of those to whom it escalates',
      staged(
        'approvers: { roles: [app_instance_admin] }',
        'timedActions: [{ at: 1d, do: escalate, to: { roles: [boss] } }]',
      ),
      at('9:64', 'stages[0].timedActions[0].to.roles[0]', `unknown role boss: ${UNKNOWN}`, ROLES),
    ],
    [
      'an unknown role of an alternative',
      asks(
        'stages:',
        '  - approvers: { roles: [app_instance_admin] }',
        '    anyOf: [{ approve: 1, approvers: { roles: [boss] } }]',
      ),
      at('8:54', 'stages[0].anyOf[0].approvers.roles[0]', `unknown role boss: ${UNKNOWN}`, ROLES),
    ],
    [
      'a requirement that is to be distinct from a binding that is not there',
      asks('distinctFrom: [security]'),
      expect.stringMatching(/^admission.yaml:6:\d+ .*distinctFrom\[0\]: there is no binding security/),
    ],
    [
      'an unknown field in an expression',
      asks('approvers: { expression: "reviewer.role == \'mona\'" }'),
      at('6:33', 'approvers.expression', 'unknown field reviewer.role', `did you mean reviewer.roles? ${REVIEWER}`),
    ],
    [
      'an expression over facts, which are not read when people review',
      asks('approvers:', '  expression: |', '    reviewer.id != "x" &&', '      facts.channel.elastic'),
      at('9:13', 'approvers.expression', 'unknown name facts.channel.elastic', 'one of reviewer, request'),
    ],
    [
      'an unknown function in an expression of a fallback',
      staged('approvers: { roles: [app_instance_admin] }', 'fallback: { expression: "reviewer.id.like(1)" }'),
      expect.stringMatching(/^admission.yaml:9:\d+ .*stages\[0\].fallback.expression: unknown function like/),
    ],
    [
      'a short name',
      asks('approvers: { users: [mona] }'),
      'admission.yaml:6:28 bindings[0].params.approvers.users[0]: is "mona": the ARN of a user',
    ],
    [
      'a role twice',
      asks('approvers: { roles: [boss, boss] }'),
      expect.stringContaining('params.approvers.roles: each role once'),
    ],
    ['nobody', asks('approvers: {}'), expect.stringContaining('params.approvers: users, roles or an expression')],
    [
      'a misspelled field',
      asks(
        'approvers: { users: ["arn:aws:chime:us-east-1:111122223333:app-instance/home/user/mona"], role: [app_instance_admin] }',
      ),
      at('6:97', 'approvers.role', 'unknown field', 'did you mean roles? one of users, roles, expression, exclude'),
    ],
  ])('%s', async (_title, yaml, issue) => {
    expect(await folder.issues(yaml)).toEqual([issue]);
  });
});

describe('a stage is refused for', () => {
  const admins = 'approvers: { roles: [app_instance_admin] }';

  test.each<[string, string, string]>([
    [
      'a misspelled field',
      staged(admins, 'dueInn: 3d'),
      at('9:11', 'stages[0].dueInn', 'unknown field', `did you mean dueIn? ${STAGE}`),
    ],
    ['a time that is none', staged(admins, 'dueIn: soon'), at('9:18', 'stages[0].dueIn', 'is "soon"', DURATION)],
    [
      'an action that there is not',
      staged(admins, 'timedActions: [{ at: 1d, do: remnd }]'),
      at(
        '9:40',
        'stages[0].timedActions[0].do',
        'is "remnd"',
        'did you mean remind? one of remind, escalate, deny, approve, extend',
      ),
    ],
    [
      'a misspelled field of an action',
      staged(admins, 'timedActions: [{ at: 1d, do: remind, too: 1 }]'),
      at('9:48', 'stages[0].timedActions[0].too', 'unknown field', 'did you mean to? one of at, do, to, instead, by'),
    ],
    [
      'no approvals',
      staged(admins).replace('approve: 1', 'approve: 0'),
      at('7:30', 'stages[0].anyOf[0].approve', 'is 0', 'number to be >=1'),
    ],
    ['nobody to ask', staged(), at('7:11', 'stages[0].approvers', 'is missing', 'object')],
    [
      'a short form beside it',
      asks('approve: 2', `stages: [{ ${admins}, anyOf: [{ approve: 1 }] }]`),
      'admission.yaml:6:16 bindings[0].params.approve: is 2: approve does nothing beside stages: each has its own',
    ],
  ])('%s', async (_title, yaml, issue) => {
    expect(await folder.issues(yaml)).toEqual([issue]);
  });
});

const WITH_ON_CALL = '  - name: on-call\n    use: ./on-call.ts\n';

test('a fact that a policy of the set provides is a role, also of an expression policy', async () => {
  for (const use of ['approval', 'expression']) {
    const when = use === 'expression' ? 'requireApprovalWhen: "true", ' : '';
    const yaml = setOf(use, `params: { ${when}approvers: { roles: [oncall.people] } }`);
    expect((await folder.issues(yaml))[0]).toContain('unknown role oncall.people');
    const set = await folder.load(yaml + WITH_ON_CALL);
    expect(set.bindings[0]?.params).toMatchObject({ approvers: { roles: ['oncall.people'] } });
  }
});

test('a misspelled role of our own is told from those that there are', async () => {
  const yaml = setOf('approval', 'params: { approvers: { roles: [oncall.peple] } }') + WITH_ON_CALL;
  expect(await folder.issues(yaml)).toEqual([
    at(
      '5:36',
      'approvers.roles[0]',
      `unknown role oncall.peple: ${UNKNOWN}`,
      `did you mean oncall.people? ${ROLES}, oncall.people`,
    ),
  ]);
});

test('where a policy cannot be loaded, nobody is blamed for a role that it may have brought', async () => {
  const yaml = `${setOf('approval', 'params: { approvers: { roles: [oncall.people] } }')}  - name: gone\n    use: ./gone.ts\n`;
  expect(await folder.issues(yaml)).toEqual([expect.stringContaining('there is no file ./gone.ts')]);
});
