import { describe, expect, test } from 'vitest';
import { bearerIssue, serviceBearerFor } from '../../src/domain/bearers.ts';

const HOME = 'arn:aws:chime:us-east-1:111122223333:app-instance/home';
const AWAY = 'arn:aws:chime:us-east-1:111122223333:app-instance/home-two';
const bearers = [`${AWAY}/bot/service`, `${HOME}/bot/service`, `${HOME}/user/second`];
const request = {
  channelArn: `${HOME}/channel/board`,
  memberArn: `${HOME}/user/alice`,
  type: 'DEFAULT' as const,
  requestedBy: `${HOME}/user/alice`,
};

test('the service bearer of a channel is the first of its own app instance', () => {
  expect(serviceBearerFor(request.channelArn, bearers)).toBe(`${HOME}/bot/service`);
  expect(serviceBearerFor(`${AWAY}/channel/board`, bearers)).toBe(`${AWAY}/bot/service`);
  expect(serviceBearerFor(`${HOME}-three/channel/board`, bearers)).toBeUndefined();
});

describe('who may execute', () => {
  test.each([
    ['nobody named', undefined],
    ['the requester', request.requestedBy],
    ['a service bearer', `${HOME}/bot/service`],
    ['another service bearer', `${HOME}/user/second`],
  ])('%s', (_title, chimeBearer) => {
    expect(bearerIssue(chimeBearer ? { ...request, chimeBearer } : request, bearers)).toBeUndefined();
  });

  test.each([
    ['a third person', `${HOME}/user/mona`, request.requestedBy],
    ['the member, where somebody else asks', request.memberArn, `${HOME}/user/bob`],
  ])('not %s', (_title, chimeBearer, requestedBy) => {
    const issue = bearerIssue({ ...request, requestedBy, chimeBearer }, bearers);
    expect(issue).toMatchObject({ field: 'chimeBearer', message: expect.stringContaining(chimeBearer) });
    expect(issue?.accepted).toContain(requestedBy);
  });

  test('a channel without a service bearer is refused, and the app instances with one are named', () => {
    const issue = bearerIssue({ ...request, channelArn: `${HOME}-three/channel/board` }, bearers);
    expect(issue).toMatchObject({ field: 'channelArn', message: expect.stringContaining(`${HOME}-three`) });
    expect(issue?.accepted).toContain(`${AWAY} or ${HOME}`);
  });
});
