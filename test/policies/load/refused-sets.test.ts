import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSetFolder, policyText, setOf } from './set-folder.ts';
import type { SetFolder } from './set-folder.ts';

const own = (name: string) =>
  policyText({ provides: `{ '${name}': { source: 'here', ttlMs: 0, read: () => 1 } }`, facts: '[]' });

let folder: SetFolder;
beforeAll(async () => {
  folder = await createSetFolder({
    'pure.ts': policyText({
      params: "z.strictObject({ least: z.number().min(1), who: z.enum(['all', 'some']).default('all') })",
    }),
    'throws.ts': "throw new Error('no key');\n",
    'own-score.ts': own('score'),
    'own-score-too.ts': own('score'),
  });
});
afterAll(() => folder.remove());

describe('a set is refused for', () => {
  const HEAD = 'apiVersion: admission/v1\n';
  test.each<[string, string, RegExp]>([
    [
      'letting in by default',
      `${HEAD}defaultVerdict: allow\nbindings: []\n`,
      /^admission\.yaml:2:17 defaultVerdict: is "allow": then .* would be let in \(accepted: deny or requireApproval; .*\)$/,
    ],
    [
      'another apiVersion',
      'apiVersion: admission/v2\nbindings: []\n',
      /^admission\.yaml:1:13 apiVersion: is "admission\/v2" \(accepted: admission\/v1\)$/,
    ],
    ['no bindings', HEAD, /^admission\.yaml:1:1 bindings: is missing \(accepted: a list of bindings; \[\] for none\)$/],
    [
      'an unknown key',
      `${HEAD}bindings: []\ndefault: deny\n`,
      /^admission\.yaml:3:1 default: unknown field \(accepted: .*one of apiVersion, defaultVerdict, onPolicyChange, bindings\)$/,
    ],
    [
      'a misspelled onPolicyChange',
      `${HEAD}onPolicyChange: kep\nbindings: []\n`,
      /^admission\.yaml:2:17 onPolicyChange: is "kep" \(accepted: did you mean keep\? one of keep, reevaluate\)$/,
    ],
    [
      'a key that is there twice',
      `${HEAD}bindings: []\nbindings: []\n`,
      /^admission\.yaml:3:1: Map keys must be unique$/,
    ],
    ['YAML that is none', `${HEAD}bindings: [\n`, /^admission\.yaml:\d:\d+: /],
    ['an unknown tag', `${HEAD}bindings: !!js/function []\n`, /^admission\.yaml:2:11: Unresolved tag/],
    ['a second document', `${HEAD}bindings: []\n---\nbindings: []\n`, /^admission\.yaml:3:\d+: .*multiple documents/],
    ['nothing in it', '', /^admission\.yaml:1:1: is null \(accepted: a mapping with apiVersion/],
    ['a list', '- a\n', /^admission\.yaml:1:1: is \["a"\] \(accepted: a mapping with apiVersion/],
    [
      'a binding that is a text',
      `${HEAD}bindings:\n  - privacy\n`,
      /^admission\.yaml:3:5 bindings\[0\]: is "privacy" \(accepted: a mapping with name, use,/,
    ],
  ])('%s', async (_title, yaml, expected) => {
    const issues = await folder.issues(yaml);
    expect(issues).toHaveLength(1);
    expect(issues[0]).toMatch(expected);
  });

  test('aliases that grow without end', async () => {
    const names = Array.from({ length: 10 }, (_, index) => `a${index}`);
    const bombs = names.map((name, index) => {
      const inner = index === 0 ? 'x' : `*${names[index - 1]}`;
      return `${name}: &${name} [${Array(10).fill(inner).join(', ')}]`;
    });
    expect(await folder.issues(bombs.join('\n'))).toEqual([expect.stringContaining('Excessive alias count')]);
  });

  test('a file that is not there', async () => {
    const { loadPolicySet, formatIssue } = await import('../../../src/policies/load/load-policy-set.ts');
    const found = await loadPolicySet('/nowhere/admission.yaml');
    expect(found.ok ? [] : found.issues.map(formatIssue)).toEqual(['/nowhere/admission.yaml: there is no such file']);
  });

  test('two bindings of one name, and two policies that bring the same fact', async () => {
    const yaml = `${HEAD}bindings:\n  - { name: one, use: ./own-score.ts }\n  - { name: two, use: ./own-score.ts }\n  - { name: two, use: ./own-score-too.ts }\n`;
    expect(await folder.issues(yaml)).toEqual([
      'admission.yaml:5:13 bindings[2].name: there is another two (accepted: a name of its own)',
      expect.stringMatching(
        /^admission\.yaml:5:23 bindings\[2\]\.use: its own fact score clashes with score of policy mine /,
      ),
    ]);
  });
});

test('everything that is wrong is said at once, in the order of the file', async () => {
  const yaml = [
    'apiVersion: admission/v2',
    'defaultVerdict: allow',
    'bindings:',
    '  - name: A',
    '    use: ./pure.ts',
    '    enforcement: Of',
    '    params: { least: 0 }',
    '  - use: privcay',
    '    matchConditions: [{ name: a, expression: "nothing" }]',
    '  - name: b',
    '    use: ./throws.ts',
  ].join('\n');
  const places = (await folder.issues(yaml)).map((line) => line.split(': ')[0]);
  expect(places).toEqual([
    'admission.yaml:1:13 apiVersion',
    'admission.yaml:2:17 defaultVerdict',
    'admission.yaml:4:11 bindings[0].name',
    'admission.yaml:6:18 bindings[0].enforcement',
    'admission.yaml:7:22 bindings[0].params.least',
    'admission.yaml:8:5 bindings[1].name',
    'admission.yaml:8:10 bindings[1].use',
    'admission.yaml:9:47 bindings[1].matchConditions[0].expression',
    'admission.yaml:11:10 bindings[2].use',
  ]);
});

test('facts of a policy that cannot be loaded are not called unknown', async () => {
  const yaml = setOf('./throws.ts', 'matchConditions: [{ name: a, expression: "facts.score > 1" }]');
  expect(await folder.issues(yaml)).toEqual([expect.stringContaining('./throws.ts cannot be loaded')]);
  const known = setOf('./own-score.ts', 'matchConditions: [{ name: a, expression: "facts.score > 1" }]');
  expect(await folder.issues(known)).toEqual([]);
});
