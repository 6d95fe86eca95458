import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSetFolder, policyText, setOf } from './set-folder.ts';
import type { SetFolder } from './set-folder.ts';

let folder: SetFolder;
beforeAll(async () => {
  folder = await createSetFolder({
    'pure.ts': policyText({
      params: "z.strictObject({ least: z.number().min(1), who: z.enum(['all', 'some']).default('all') })",
    }),
    'nested.ts': policyText({ params: 'z.object({ lists: z.array(z.strictObject({ ids: z.array(z.string()) })) })' }),
    'class.ts': policyText({ params: 'z.object({}).transform(() => ({ call: () => 1 }))' }),
  });
});
afterAll(() => folder.remove());

const at = (place: string, path: string, message: string, accepted?: string) =>
  `admission.yaml:${place} bindings[0]${path}: ${message}${accepted === undefined ? '' : ` (accepted: ${accepted})`}`;

describe('a binding is refused for', () => {
  test.each<[string, string, string]>([
    [
      'a param out of range',
      setOf('./pure.ts', 'params:', '  least: 0'),
      at('6:14', '.params.least', 'is 0', 'number to be >=1'),
    ],
    [
      'a misspelled param',
      setOf('./pure.ts', 'params: { least: 1, who: al }'),
      at('5:30', '.params.who', 'is "al"', 'did you mean all? one of all, some'),
    ],
    [
      'an unknown param',
      setOf('./pure.ts', 'params: { least: 1, whom: x }'),
      at('5:25', '.params.whom', 'unknown field', 'did you mean who? one of least, who'),
    ],
    [
      'a bad param in a list',
      setOf('./nested.ts', 'params:', '  lists:', '    - ids: [a, 2]'),
      at('7:20', '.params.lists[0].ids[1]', 'is 2', 'string'),
    ],
    [
      'an unknown param in a list',
      setOf('./nested.ts', 'params:', '  lists:', '    - ids: []', '      id: x'),
      at('8:11', '.params.lists[0].id', 'unknown field', 'did you mean ids? one of ids'),
    ],
    [
      'params that cannot be copied',
      setOf('./class.ts'),
      at(
        '3:5',
        '.params',
        'the params cannot be used: () => 1 could not be cloned.',
        'a schema without async parts, whose output is plain data',
      ),
    ],
    [
      'a condition with an unknown field',
      setOf('ban', 'matchConditions: [{ name: a, expression: "request.typ == \'HIDDEN\'" }]'),
      at(
        '5:47',
        '.matchConditions[0].expression',
        'unknown field request.typ',
        'did you mean request.type? one of request.channelArn, request.memberArn, request.type, request.subChannelId, request.chimeBearer, request.requestedBy, request.reason, request.term',
      ),
    ],
    [
      'a condition in a block',
      setOf(
        'ban',
        'matchConditions:',
        '  - name: a',
        '    expression: |',
        "      request.type == 'HIDDEN' &&",
        '        request.typ == 1',
      ),
      at(
        '9:13',
        '.matchConditions[0].expression',
        'unknown field request.typ',
        'did you mean request.type? one of request.channelArn, request.memberArn, request.type, request.subChannelId, request.chimeBearer, request.requestedBy, request.reason, request.term',
      ),
    ],
    [
      'two conditions of one name',
      setOf('ban', 'matchConditions:', '  - { name: a, expression: "true" }', '  - { name: a, expression: "true" }'),
      at('7:17', '.matchConditions[1].name', 'there is another a', 'a name of its own'),
    ],
  ])('%s', async (_title, yaml, expected) => {
    expect(await folder.issues(yaml)).toEqual([expected]);
  });
});
