import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { askedNow } from '../../../src/policies/run-policy.ts';
import { evaluate } from '../../../src/policies/evaluate.ts';
import { formatIssue, loadPolicySet } from '../../../src/policies/load/load-policy-set.ts';
import type { PolicySet } from '../../../src/policies/policy-set.ts';
import { factsOf, requestOf } from '../fixtures.ts';
import { createSetFolder, policyText, setOf } from './set-folder.ts';
import type { SetFolder } from './set-folder.ts';

let folder: SetFolder;
beforeEach(async () => {
  folder = await createSetFolder({ 'policies/office-hours.ts': policyText({ id: "'office-hours'" }) });
});
afterEach(() => folder.remove());

async function codeOf(set: PolicySet): Promise<string | undefined> {
  const options = { readFacts: async () => factsOf(), log: () => undefined, ...askedNow(new Date()) };
  const { decisions } = await evaluate(set, requestOf(), options);
  return decisions[0]?.code;
}

/** The example of docs/policies.md. */
const FULL = `
apiVersion: admission/v1
defaultVerdict: deny
onPolicyChange: reevaluate
bindings:
  - name: channel-privacy
    use: privacy
    params: { publicSelfJoin: allow, privateSelfJoin: requireApproval }
  - name: auditors-need-two
    use: approval
    matchConditions: [{ name: hidden, expression: "request.type == 'HIDDEN'" }]
    params: { approve: 2, approvers: { roles: [channel_moderator, app_instance_admin] } }
    enforcement: Enforce
    failurePolicy: Fail
  - name: office-hours
    use: ./policies/office-hours.ts
    enforcement: Warn
    failurePolicy: Escalate
    timeout: 500ms
`;

describe('a good file', () => {
  test('gives its bindings in their order, with what was not said filled in', async () => {
    const set = await folder.load(FULL);
    expect(set).toMatchObject({
      defaultVerdict: 'deny',
      onPolicyChange: 'reevaluate',
      file: `${folder.path}/admission.yaml`,
    });
    expect(set.bindings).toMatchObject([
      {
        name: 'channel-privacy',
        params: { memberInvites: 'requireApproval' },
        enforcement: 'Enforce',
        timeoutMs: 1_000,
      },
      {
        name: 'auditors-need-two',
        params: { approve: 2 },
        matchConditions: [{ name: 'hidden' }],
        failurePolicy: 'Fail',
      },
      { name: 'office-hours', enforcement: 'Warn', failurePolicy: 'Escalate', timeoutMs: 500 },
    ]);
    expect(set.bindings.map(({ policy }) => policy.id)).toEqual(['privacy', 'approval', 'office-hours']);
    expect(set.bindings[1]?.matchConditions[0]?.program.source).toBe("request.type == 'HIDDEN'");
  });

  test('needs no more than apiVersion and bindings', async () => {
    const set = await folder.load('apiVersion: admission/v1\nbindings: []\n');
    expect(set).toMatchObject({ bindings: [], defaultVerdict: 'deny', onPolicyChange: 'keep' });
  });

  test.each([
    ['{}', { timeoutMs: 10_000, retry: { initialMs: 1_000, maximumMs: 10_000, maximumAttempts: 5, forMs: 120_000 } }],
    ['{ maximumInterval: 500ms }', { retry: { initialMs: 500, maximumMs: 500 } }],
    [
      '{ initialInterval: 20s, maximumAttempts: 2 }',
      { retry: { initialMs: 20_000, maximumMs: 20_000, maximumAttempts: 2 } },
    ],
    ['{ scheduleToClose: 5s }', { timeoutMs: 5_000, retry: { forMs: 5_000 } }],
  ])('times that are written outdo the usual ones: retry %s', async (retry, expected) => {
    await folder.write('external.ts', policyText({ kind: "'external'" }));
    const { bindings } = await folder.load(setOf('./external.ts', `retry: ${retry}`));
    expect(bindings[0]).toMatchObject(expected);
  });

  test('may use one policy twice, and two policies of one id', async () => {
    await folder.write('policies/other.ts', policyText({ id: "'office-hours'", version: "'2.0.0'" }));
    const uses = ['office-hours', 'office-hours', 'other'].map(
      (file, index) => `  - { name: b${index}, use: ./policies/${file}.ts }\n`,
    );
    const { bindings } = await folder.load(`apiVersion: admission/v1\nbindings:\n${uses.join('')}`);
    expect(bindings.map(({ policy }) => policy.version)).toEqual(['1.0.0', '1.0.0', '2.0.0']);
    expect(bindings[0]?.policy).toBe(bindings[1]?.policy);
  });

  test('a policy of plain JavaScript, as ES module or CommonJS', async () => {
    const text = "import { definePolicy, deny, z } from 'channel-admission/policy';\n";
    const common = "const { definePolicy, deny, z } = require('channel-admission/policy');\nmodule.exports = ";
    const definition = policyText().split('export default ')[1] ?? '';
    await folder.write('mine.mjs', `${text}export default ${definition}`);
    await folder.write('mine.cjs', common + definition);
    expect(await codeOf(await folder.load(setOf('./mine.mjs')))).toBe('CODE');
    expect(await codeOf(await folder.load(setOf('./mine.cjs')))).toBe('CODE');
  });
});

describe('warnings', () => {
  const HEAD = 'apiVersion: admission/v1\n';
  test.each([
    ['an empty set', `${HEAD}bindings: []\n`, ['2:11 bindings: there are no bindings: every request is denied']],
    [
      'an empty set that asks',
      `${HEAD}defaultVerdict: requireApproval\nbindings: []\n`,
      ['3:11 bindings: there are no bindings: every request waits for one approval'],
    ],
    [
      'a set that only objects',
      `${HEAD}bindings:\n  - { name: b, use: ban }\n`,
      ['3:3 bindings: no enforced binding can ever allow: every request is denied'],
    ],
    [
      'a ban that people may overrule when it fails',
      `${HEAD}bindings:\n  - { name: b, use: ban, failurePolicy: Escalate }\n`,
      [],
    ],
    [
      'nothing enforced',
      setOf('privacy', 'enforcement: Audit'),
      [
        '3:3 bindings: no binding is enforced: every request is denied',
        '5:18 bindings[0].enforcement: is Audit: what the binding says is recorded, and counts for nothing',
      ],
    ],
    [
      'a condition that never holds',
      `${setOf('ban', 'matchConditions: [{ name: a, expression: "false" }]')}  - { name: p, use: privacy }\n`,
      ['5:46 bindings[0].matchConditions[0].expression: the binding never applies'],
    ],
    [
      'an expression that allows all',
      setOf('expression', 'params: { allowWhen: "true" }'),
      ['5:26 bindings[0].params.allowWhen: allows every request that nothing else refuses'],
    ],
    ['nothing to warn of', setOf('privacy'), []],
  ])('%s', async (_title, yaml, expected) => {
    await folder.write('admission.yaml', yaml);
    const loaded = await loadPolicySet(`${folder.path}/admission.yaml`);
    const warnings = loaded.ok ? loaded.warnings.map(formatIssue) : loaded.issues;
    expect(warnings).toEqual(expected.map((line) => `${folder.path}/admission.yaml:${line}`));
  });
});

describe('the digest', () => {
  const SET = setOf('./policies/office-hours.ts', 'params: {}');

  test('is the same for other comments, other formatting and another order of keys', async () => {
    const { digest } = await folder.load(SET);
    const same =
      '# comment\nbindings: [{ params: {}, use: "./policies/office-hours.ts", name: mine }]\napiVersion: admission/v1\n';
    expect((await folder.load(same)).digest).toBe(digest);
    const elsewhere = await createSetFolder({ 'policies/office-hours.ts': policyText({ id: "'office-hours'" }) });
    expect((await elsewhere.load(SET)).digest).toBe(digest);
    await elsewhere.remove();
  });

  test.each([
    ['a field', `${SET}    enforcement: Warn\n`],
    ['the name of a binding', SET.replace('mine', 'yours')],
    ['onPolicyChange', `${SET}onPolicyChange: reevaluate\n`],
    ['a condition', `${SET}    matchConditions: [{ name: a, expression: "true" }]\n`],
  ])('changes with %s', async (_title, yaml) => {
    const { digest } = await folder.load(SET);
    expect((await folder.load(yaml)).digest).not.toBe(digest);
  });

  test('changes with the text of a policy file and of what it imports, and the new text counts', async () => {
    await folder.write('policies/words.ts', "export const word = 'ONE';\n");
    await folder.write(
      'policies/office-hours.ts',
      `import { word } from './words.ts';\n${policyText({ evaluate: "() => deny(word, 'no')" })}`,
    );
    const first = await folder.load(SET);
    expect(await codeOf(first)).toBe('ONE');
    await folder.write('policies/words.ts', "export const word = 'TWO';\n");
    const second = await folder.load(SET);
    await folder.write('policies/office-hours.ts', policyText({ evaluate: "() => deny('THREE', 'no')" }));
    const third = await folder.load(SET);
    expect(await codeOf(third)).toBe('THREE');
    expect(await codeOf(first)).toBe('ONE');
    expect(new Set([first, second, third].map(({ digest }) => digest)).size).toBe(3);
  });

  test.each(['mine.ts', 'mine.js', 'mine.cjs'])(
    'a changed %s counts in Node itself, where no test runner loads it',
    async (file) => {
      const imports = file.endsWith('.cjs')
        ? (text: string) =>
            text
              .replace(/import (.*) from (.*);/, 'const $1 = require($2);')
              .replace('export default', 'module.exports =')
        : (text: string) => text;
      const texts = ['1.0.0', '2.0.0'].map((version) => imports(policyText({ version: `'${version}'` })));
      const script = `import { writeFileSync } from 'node:fs';
      const { loadPolicySet } = await import(${JSON.stringify(new URL('../../../src/policies/load/load-policy-set.ts', import.meta.url))});
      for (const text of ${JSON.stringify(texts)}) {
        writeFileSync('${file}', text);
        console.log((await loadPolicySet('admission.yaml')).set.bindings[0].policy.version);
      }`;
      await folder.write('admission.yaml', setOf(`./${file}`));
      const run = promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { cwd: folder.path });
      expect((await run).stdout).toBe('1.0.0\n2.0.0\n');
    },
  );
});
