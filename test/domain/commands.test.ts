import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ACCEPTED_IN_COMMAND, COMMAND_NAMES, isRefusal, parseJoinCommand } from '../../src/domain/commands.ts';
import { parseCommand } from '../../src/schemas/commands.ts';
import type { CommandName } from '../../src/domain/commands.ts';
import { requestOf, user } from '../policies/fixtures.ts';

const actor = { principal: user('mona') };
const review = { actor, decision: 'approve' };
const LONG = 'a'.repeat(1025);

/** Of each command, one that says all it can. */
const FULL: { readonly [N in CommandName]: object } = {
  review: { ...review, comment: 'no', reviewId: 'r-1', requestDigest: 'a'.repeat(64) },
  withdraw: { actor: { ...actor, assertion: 'signed' } },
  amend: { actor, changes: { type: 'HIDDEN', subChannelId: null, chimeBearer: null, reason: 'audits', term: '30d' } },
  submitInput: { actor, binding: 'screening', answers: { rules: true } },
  override: { actor, reason: 'the building is on fire', ticket: 'INC-1' },
  reassign: { actor, binding: 'privacy', to: { users: [user('max')] }, reason: 'mona is away' },
  retry: { actor, reason: 'the channel has room again' },
  abandon: { actor, reason: 'the channel is gone' },
  extend: { actor, by: '30d', reason: 'the audit takes longer' },
  revoke: { actor, reason: 'the audit is over' },
  reevaluate: { policyDigest: '0123456789ab', changed: ['ban', 'roster'] },
};

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
    ['a comment of nothing but spaces', { ...review, comment: ' \n\t' }, 'comment'],
    ['a comment of 1025', { ...review, comment: LONG }, 'comment'],
    ['a comment that says nothing', { actor, decision: 'comment' }, 'comment'],
    ['an id with a space', { ...review, reviewId: 'a b' }, 'reviewId'],
    ['half a digest', { ...review, requestDigest: 'abc' }, 'requestDigest'],
    ['a field of its own', { ...review, verified: true }, 'command'],
  ])('review: %s', (_title, input, field) => {
    const refusal = parseCommand('review', input);
    expect(refusal).toMatchObject({ code: 'InvalidReview', field, message: expect.any(String) });
    expect(refusal).toHaveProperty('accepted', expect.stringContaining('approve, deny, abstain'));
  });

  test.each<[CommandName, string, object, string]>([
    ['withdraw', 'a decision too', review, 'command'],
    ['amend', 'nothing to change', { actor, changes: {} }, 'changes'],
    ['amend', 'another member', { actor, changes: { memberArn: user('bob') } }, 'changes'],
    ['amend', 'no type', { actor, changes: { type: null } }, 'changes.type'],
    ['submitInput', 'answers that are none', { actor, binding: 'screening', answers: 'yes' }, 'answers'],
    ['submitInput', 'no binding', { actor, answers: {} }, 'binding'],
    ['override', 'no ticket', { actor, reason: 'fire' }, 'ticket'],
    ['override', 'no reason', { actor, ticket: 'INC-1' }, 'reason'],
    ['override', 'a reason of spaces', { actor, reason: '  ', ticket: 'INC-1' }, 'reason'],
    ['override', 'a ticket of spaces', { actor, reason: 'fire', ticket: ' ' }, 'ticket'],
    ['reassign', 'to nobody', { actor, binding: 'privacy', to: {}, reason: 'away' }, 'to'],
    ['reassign', 'to a channel', { actor, binding: 'privacy', to: { users: ['x'] }, reason: 'away' }, 'to.users.0'],
    ['retry', 'no reason', { actor }, 'reason'],
    ['abandon', 'an endless reason', { actor, reason: LONG }, 'reason'],
    ['extend', 'a time without unit', { actor, by: '30' }, 'by'],
    ['revoke', 'no reason', { actor }, 'reason'],
    ['reevaluate', 'no reason to', {}, 'command'],
    ['reevaluate', 'something else that changed', { changed: ['weather'] }, 'changed.0'],
  ])('%s: %s', (name, _title, input, field) => {
    expect(parseCommand(name, input)).toMatchObject({
      code: 'InvalidCommand',
      field,
      accepted: ACCEPTED_IN_COMMAND[name],
    });
  });

  test.each(COMMAND_NAMES.filter((name) => name !== 'reevaluate'))('%s: an actor who is nobody', (name) => {
    expect(parseCommand(name, { ...FULL[name], actor: undefined })).toMatchObject({ field: 'actor' });
  });
});

test.each(COMMAND_NAMES)('a good %s is taken as it is', (name) => {
  expect(parseCommand(name, FULL[name])).toEqual(FULL[name]);
});

describe('a request to join', () => {
  const request = requestOf();
  test.each([
    ['without proof of who asks', request, { request }],
    ['with it', { ...request, actor: { principal: request.requestedBy } }, undefined],
  ])('is taken %s', (_title, input, value) => {
    const { actor: who, ...fields } = input as typeof request & { actor?: object };
    expect(parseJoinCommand(input)).toEqual({ ok: true, value: value ?? { request: fields, actor: who } });
  });

  test.each([
    ['an actor who is not who asks', { ...request, actor }, 'actor.principal'],
    ['an actor that is none', { ...request, actor: 'mona' }, 'actor'],
    ['a bad field', { ...request, type: 'SECRET' }, 'type'],
    ['nothing', undefined, 'request'],
  ])('with %s is refused', (_title, input, field) => {
    expect(parseJoinCommand(input)).toMatchObject({ ok: false, issues: [{ field, accepted: expect.any(String) }] });
  });

  test('with several mistakes names each, the actor too', () => {
    const parsed = parseJoinCommand({ ...request, type: 'SECRET', actor: {} });
    expect(parsed).toMatchObject({ ok: false, issues: [{ field: 'type' }, { field: 'actor' }] });
  });
});

test('no input makes any of them throw', () => {
  const fields = Object.fromEntries(
    [...new Set(Object.values(FULL).flatMap((command) => Object.keys(command)))].map((name) => [name, fc.anything()]),
  );
  const near = fc.record(fields, { requiredKeys: [] });
  fc.assert(
    fc.property(fc.oneof(fc.anything(), near), (input) => {
      for (const name of COMMAND_NAMES) {
        const parsed = parseCommand(name, input);
        const told = isRefusal(parsed) && parsed.field && parsed.message && parsed.accepted;
        const taken = Object.keys(parsed).toSorted();
        expect(told ? 'refused' : taken).toEqual(told ? 'refused' : Object.keys(input as object).toSorted());
      }
      expect(parseJoinCommand(input)).toHaveProperty('ok');
    }),
  );
});
