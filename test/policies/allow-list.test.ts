import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { allowList, matchesGlob } from '../../src/policies/allow-list.ts';
import { bind } from '../../src/policies/binding.ts';
import { createPolicySet } from '../../src/policies/policy-set.ts';
import { bot, evaluateOn, factsOf, requestOf, user } from './fixtures.ts';

const decisionOf = async (params: object, memberArn = user('alice')) => {
  const requestedBy = user('mona');
  const [decision] = await evaluateOn(
    createPolicySet([bind(allowList, params)]),
    requestOf({ memberArn, requestedBy }),
    factsOf(),
  );
  return decision;
};

test.for([
  [{ members: ['alice'] }, true],
  [{ members: [user('alice')] }, true],
  [{ members: ['bob', user('carol')] }, false],
  [{ members: ['Alice'] }, false],
  [{ members: ['mona'] }, false],
  [{ members: [bot('alice')] }, false],
  [{ patterns: ['al*'] }, true],
  [{ patterns: ['a?ice'] }, true],
  [{ patterns: ['*'] }, true],
  [{ patterns: ['lice', 'alic', 'alice?'] }, false],
  [{ members: ['bob'], patterns: ['*ce'] }, true],
] as const)('%j lets alice in: %j', async ([params, listed]) => {
  expect(await decisionOf(params)).toMatchObject({ evaluation: listed ? 'allow' : 'notApplicable' });
});

test('an id stands for users and bots, an ARN for one of them', async () => {
  expect(await decisionOf({ members: ['helper'] }, bot('helper'))).toMatchObject({ evaluation: 'allow' });
  expect(await decisionOf({ members: [user('helper')] }, bot('helper'))).toMatchObject({ evaluation: 'notApplicable' });
});

test('a dot in a pattern is a dot', async () => {
  const params = { patterns: ['*@corp.example'] };
  expect(await decisionOf(params, user('ann@corp.example'))).toMatchObject({ evaluation: 'allow' });
  expect(await decisionOf(params, user('ann@corpXexample'))).toMatchObject({ evaluation: 'notApplicable' });
  expect(await decisionOf(params, user('ann@corp.example.org'))).toMatchObject({ evaluation: 'notApplicable' });
});

test('who is not on the list is denied, or needs approval, if so said', async () => {
  expect(await decisionOf({ members: ['bob'], otherwise: 'deny' })).toMatchObject({
    evaluation: 'deny',
    code: 'NOT_ON_LIST',
    field: 'memberArn',
  });
  const own = { members: ['bob'], otherwise: 'deny', code: 'NOT_ON_CALL', message: 'You are not on call.' };
  expect(await decisionOf(own)).toMatchObject({ code: 'NOT_ON_CALL', message: 'You are not on call.' });
  expect(await decisionOf({ members: ['bob'], otherwise: 'requireApproval' })).toMatchObject({ action: 'pend' });
  expect(await decisionOf({ ...own, members: ['alice'] })).toMatchObject({ evaluation: 'allow' });
});

test.for([
  [{}, 'members or patterns'],
  [{ members: [] }, 'members or patterns'],
  [{ members: [''] }, 'the ARN or the id'],
  [{ members: ['a b'] }, 'the ARN or the id'],
  [{ members: ['arn:aws:chime:us-east-1:111122223333:app-instance/home/channel/board'] }, 'the ARN or the id'],
  [{ members: ['al*'] }, 'the ARN or the id'],
  [{ patterns: ['^a.+$'] }, 'an id of a member, with *'],
  [{ patterns: [''] }, 'an id of a member, with *'],
  [{ members: ['alice'], otherwise: 'allow' }, 'notApplicable'],
  [{ members: ['alice'], code: 'NOT_ON_CALL' }, 'code does nothing without otherwise: deny'],
  [{ members: ['alice'], otherwise: 'deny', code: 'not on call' }, 'such as NOT_ON_CALL'],
  [{ members: ['alice'], pattern: ['a'] }, 'pattern'],
] as const)('%j is refused: %s', ([params, message]) => {
  expect(() => bind(allowList, params)).toThrow(message);
});

const letters = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 8 });
const patterns = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '?'), maxLength: 8 });

test('globs match as the regular expression that says the same', () => {
  fc.assert(
    fc.property(letters, patterns, (text, pattern) => {
      const same = pattern.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.');
      expect(matchesGlob(text, pattern)).toBe(new RegExp(`^(?:${same})$`).test(text));
    }),
    { numRuns: 5_000 },
  );
});

test('a pattern of many stars is quick', () => {
  expect(matchesGlob('a'.repeat(64), `${'a*'.repeat(31)}b`)).toBe(false);
});
