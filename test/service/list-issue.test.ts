import { expect, test } from 'vitest';
import { listIssue } from '../../src/service/listed.ts';

const user = 'arn:aws:chime:us-east-1:111122223333:app-instance/home/user/mona';

test('who is given is a user or a bot, and a list has 1 to 1000 lines', () => {
  expect(listIssue({ member: user, mine: undefined }, 1)).toBeUndefined();
  expect(listIssue({ mine: user.replace('/user/', '/bot/') }, 1_000)).toBeUndefined();
});

test.each([
  [{ member: 'mona' }, 50, 'member'],
  [{ mine: user.replace('/user/', '/channel/') }, 50, 'mine'],
  [{ member: user }, 0, 'limit'],
  [{ member: user }, 1_001, 'limit'],
  [{ member: user }, Number.NaN, 'limit'],
])('of %j, at most %d, %s is refused, with what is accepted', (people, limit, field) => {
  const issue = { code: 'InvalidFilter', field, message: expect.any(String), accepted: expect.any(String) };
  expect(listIssue(people, limit)).toEqual(issue);
});
