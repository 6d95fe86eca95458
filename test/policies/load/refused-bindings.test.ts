import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DURATION } from '../../../src/domain/duration.ts';
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
    'external.ts': policyText({ kind: "'external'" }),
    'late.ts': policyText({ params: 'z.object({}).refine(async () => true)' }),
    'throws.ts': "throw new Error('no key');\n",
    'syntax.ts': 'export default {\n',
    'plain.ts': "export default { id: 'plain' };\n",
    'named.ts': policyText().replace('export default', 'export const mine ='),
    'bad-id.ts': policyText({ id: "'Bad Id'", version: "'one'" }),
    'bad-kind.ts': policyText({ kind: "'slow' as 'pure'", evaluate: "'x' as never" }),
    'needs.ts': policyText({ facts: "['requester.rol' as 'requester.role']" }),
    'own-channel.ts': own('channel.privacy'),
    'own-object.ts': own('constructor'),
    'missing-import.ts': "import './nowhere.ts';\n",
    'text.txt': 'no script',
  });
});
afterAll(() => folder.remove());

const BUILT_INS =
  'one of privacy, ban, sub-channel, hidden-approval, approval, expression, allow-list, http, screening, cooling-off, term';
const FACTS =
  'one of channel, requester.role, requester.ban, bearer.role, member.membership, member.moderator, member.ban, moderators, admins, approvers, history';
const KINDS = 'one of Enforce, Warn, Audit, Off';
const POLICY = 'export default definePolicy({ … }), with definePolicy of channel-admission/policy';
const KEYS = 'one of name, use, matchConditions, params, enforcement, failurePolicy, timeout, retry';
const KEBAB = 'a name in kebab-case, at most 64 characters, such as office-hours';
const at = (place: string, path: string, message: string, accepted?: string) =>
  `admission.yaml:${place} bindings[0]${path}: ${message}${accepted === undefined ? '' : ` (accepted: ${accepted})`}`;

describe('a binding is refused for', () => {
  test.each<[string, string, string]>([
    [
      'a misspelled built-in',
      setOf('privcay'),
      at(
        '4:10',
        '.use',
        'there is no built-in policy and no installed package privcay',
        `did you mean privacy? ${BUILT_INS}; a file such as ./policies/privcay.ts; or an installed npm package`,
      ),
    ],
    [
      'a misspelled enforcement',
      setOf('ban', 'enforcement: enforce'),
      at('5:18', '.enforcement', 'is "enforce"', `did you mean Enforce? ${KINDS}`),
    ],
    [
      'a misspelled failurePolicy',
      setOf('ban', 'failurePolicy: Ignor'),
      at('5:20', '.failurePolicy', 'is "Ignor"', 'did you mean Ignore? one of Fail, Ignore, Escalate'),
    ],
    [
      'a misspelled key',
      setOf('ban', 'timeot: 1s'),
      at('5:5', '.timeot', 'unknown field', `did you mean timeout? ${KEYS}`),
    ],
    ['a name with capitals', setOf('ban').replace('mine', 'Mine'), at('3:11', '.name', 'is "Mine"', KEBAB)],
    ['a timeout without unit', setOf('ban', 'timeout: 5'), at('5:14', '.timeout', 'is 5', DURATION)],
    ['no time at all', setOf('ban', 'timeout: 0s'), at('5:14', '.timeout', 'is "0s": no time at all', DURATION)],
    [
      'a pure policy that takes longer than its activity',
      setOf('ban', 'timeout: 2s'),
      at('5:14', '.timeout', 'is 2s', 'at most 1500ms: all pure policies share a local activity of 2s'),
    ],
    [
      'an external policy that takes too long',
      setOf('./external.ts', 'timeout: 6m'),
      at('5:14', '.timeout', 'is 6m', 'at most 5m'),
    ],
    [
      'a retry of a pure policy',
      setOf('ban', 'retry: {}'),
      at('5:5', '.retry', 'a pure policy is not asked again', 'no retry: it is for external policies'),
    ],
    [
      'no attempts',
      setOf('./external.ts', 'retry: { maximumAttempts: 0 }'),
      at('5:31', '.retry.maximumAttempts', 'is 0', '1 to 1000'),
    ],
    [
      'intervals the wrong way round',
      setOf('./external.ts', 'retry: { initialInterval: 5s, maximumInterval: 2s }'),
      at('5:52', '.retry.maximumInterval', 'is 2s', 'at least initialInterval, 5s'),
    ],
    [
      'less time for all attempts than for one',
      setOf('./external.ts', 'timeout: 9s', 'retry: { scheduleToClose: 5s }'),
      at('6:31', '.retry.scheduleToClose', 'is 5s', 'at least timeout, 9s'),
    ],
    ['a missing param', setOf('./pure.ts'), at('3:5', '.params.least', 'is missing', 'number')],
    [
      'a file that is not there',
      setOf('./nowhere.ts'),
      at('4:10', '.use', 'there is no file ./nowhere.ts', 'a path that begins at the folder of this file'),
    ],
    [
      'a file that is no script',
      setOf('./text.txt'),
      at('4:10', '.use', './text.txt is not a script', 'a file that ends in .ts or .js'),
    ],
    ['a file that throws', setOf('./throws.ts'), at('4:10', '.use', './throws.ts cannot be loaded: no key')],
    [
      'a file without a policy',
      setOf('./plain.ts'),
      at('4:10', '.use', './plain.ts has no default export that definePolicy made', POLICY),
    ],
    [
      'a file with a named export',
      setOf('./named.ts'),
      at('4:10', '.use', './named.ts has no default export that definePolicy made', POLICY),
    ],
    [
      'an unknown fact',
      setOf('./needs.ts'),
      at('4:10', '.use', 'policy mine needs an unknown fact requester.rol', `did you mean requester.role? ${FACTS}`),
    ],
    [
      'an own fact that hides one of the host',
      setOf('./own-channel.ts'),
      at(
        '4:10',
        '.use',
        'its own fact channel.privacy clashes with channel of the host',
        'a name that nobody else has, such as one that begins with the id of the policy',
      ),
    ],
    [
      'an own fact that every object has',
      setOf('./own-object.ts'),
      at(
        '4:10',
        '.use',
        'its own fact constructor is a name that every object has',
        'a name that nobody else has, such as one that begins with the id of the policy',
      ),
    ],
    [
      'a name that is no package',
      setOf('../'),
      at('4:10', '.use', '../ is not a script', 'a file that ends in .ts or .js'),
    ],
  ])('%s', async (_title, yaml, expected) => {
    expect(await folder.issues(yaml)).toEqual([expected]);
  });

  test.each([
    ['./bad-id.ts', ['./bad-id.ts: id is "Bad Id"', './bad-id.ts: version is "one"']],
    ['./bad-kind.ts', ['./bad-kind.ts: kind is "slow"', './bad-kind.ts: evaluate is "x": is not a function']],
    ['./late.ts', ['the params cannot be used: ']],
    ['./syntax.ts', ['./syntax.ts cannot be loaded: ']],
    ['./missing-import.ts', ['./missing-import.ts cannot be loaded: ']],
    ['@acme/nothing', ['there is no built-in policy and no installed package @acme/nothing']],
  ])('what is wrong with %s', async (use, messages) => {
    const issues = await folder.issues(setOf(use.startsWith('@') ? `'${use}'` : use));
    expect(issues).toHaveLength(messages.length);
    messages.forEach((message, index) => expect(issues[index]).toContain(message));
  });
});
