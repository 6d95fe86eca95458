import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isRefusal, parseReview, parseWithdraw } from '../../src/domain/commands.ts';

const actor = { principal: 'arn:aws:chime:us-east-1:111122223333:app-instance/home/user/mona' };
const review = { actor, decision: 'approve' };

describe('a bad command is refused, with the field and what is accepted', () => {
  test.each([
    ['nothing', undefined, 'command'],
    ['null', null, 'command'],
    ['an array', [review], 'command'],
    ['no actor', { decision: 'approve' }, 'actor'],
    ['an actor without principal', { ...review, actor: {} }, 'actor.principal'],
    ['an empty principal', { ...review, actor: { principal: '' } }, 'actor.principal'],
    ['an endless principal', { ...review, actor: { principal: 'a'.repeat(1601) } }, 'actor.principal'],
    ['an endless assertion', { ...review, actor: { ...actor, assertion: 'a'.repeat(8193) } }, 'actor.assertion'],
    ['roles that the actor gives themselves', { ...review, actor: { ...actor, roles: ['admin'] } }, 'actor'],
    ['no decision', { actor }, 'decision'],
    ['an unknown decision', { actor, decision: 'APPROVE' }, 'decision'],
    ['an empty comment', { ...review, comment: '' }, 'comment'],
    ['a comment of 1025', { ...review, comment: 'a'.repeat(1025) }, 'comment'],
    ['a field of its own', { ...review, verified: true }, 'command'],
  ])('review: %s', (_title, input, field) => {
    const refusal = parseReview(input);
    expect(refusal).toMatchObject({ code: 'InvalidReview', field, message: expect.any(String) });
    expect(refusal).toHaveProperty('accepted', expect.stringContaining('approve or deny'));
  });

  test.each([
    ['nothing', undefined, 'command'],
    ['no actor', {}, 'actor'],
    ['a decision too', review, 'command'],
  ])('withdraw: %s', (_title, input, field) => {
    expect(parseWithdraw(input)).toMatchObject({ field, accepted: expect.stringContaining('principal') });
  });
});

test('a good command is taken as it is', () => {
  const full = { actor: { ...actor, assertion: 'signed' }, decision: 'deny', comment: 'no' };
  expect([parseReview(review), parseReview(full)]).toEqual([review, full]);
  expect(parseWithdraw({ actor })).toEqual({ actor });
});

test('no input makes them throw', () => {
  const near = fc.record(
    { actor: fc.anything(), decision: fc.anything(), comment: fc.anything() },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(fc.anything(), near), (input) => {
      for (const parse of [parseReview, parseWithdraw]) {
        const parsed = parse(input);
        const told = isRefusal(parsed) && parsed.field && parsed.message && parsed.accepted;
        expect(told ? input : parsed).toEqual(input);
      }
    }),
  );
});
