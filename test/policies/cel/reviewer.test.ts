import { describe, expect, test } from 'vitest';
import { cachedCel, compileCel } from '../../../src/policies/cel/compile.ts';
import { reviewerExpression } from '../../../src/policies/roster.ts';
import { requestOf, user } from '../fixtures.ts';
import { NOW, refusalOf, scopeOf } from './cel.ts';

const reviewer = { arn: user('mona'), id: 'mona', roles: ['channel_moderator'] };

function valueFor(source: string): unknown {
  const compiled = reviewerExpression(source);
  if (!compiled.ok) throw new Error(compiled.message);
  const result = compiled.program.evaluate({ request: requestOf({ reason: 'please' }), facts: {}, reviewer, now: NOW });
  return result.ok ? result.value : `error: ${result.error}`;
}

test.each<[string, unknown]>([
  [`reviewer.arn == '${user('mona')}'`, true],
  ["reviewer.id == 'mona' && 'channel_moderator' in reviewer.roles", true],
  ["reviewer.roles.exists(role, role == 'app_instance_admin')", false],
  ["reviewer['id']", 'mona'],
  ["request.reason == 'please' && !has(request.term)", true],
  ['type(reviewer.roles) == list', true],
])('%s is %s', (source, value) => {
  expect(valueFor(source)).toBe(value);
});

describe('is refused', () => {
  test.each<[string, string, string]>([
    ['reviewer.name', 'unknown field reviewer.name', 'reviewer.roles'],
    ['reviewer.arn.id', 'unknown field reviewer.arn.id', 'reviewer.arn'],
    ['request.typ', 'unknown field request.typ', 'did you mean request.type?'],
    ['facts.channel.elastic', 'unknown name facts.channel.elastic', 'one of reviewer, request'],
    ['now > now', 'unknown name now', 'one of reviewer, request'],
    ['params.x', 'unknown name params.x', 'one of reviewer, request'],
    ['roles', 'unknown name roles', 'did you mean reviewer.roles?'],
    ['[1].exists(reviewer, true)', 'the variable reviewer hides another name', ''],
  ])('%s', (source, message, accepted) => {
    const refused = reviewerExpression(source);
    expect(refused).toMatchObject({ ok: false, message });
    expect(refused.ok ? '' : refused.accepted).toContain(accepted);
  });
});

test('elsewhere there is no reviewer, also where the same text was compiled before', () => {
  expect(reviewerExpression('reviewer.id')).toMatchObject({ ok: true });
  expect(cachedCel('reviewer.id', { facts: [] })).toMatchObject({ ok: false });
  expect(refusalOf('reviewer.id')).toMatchObject({ message: 'unknown name reviewer.id' });
  const free = compileCel('[1].exists(reviewer, reviewer == 1)', { facts: [] });
  expect(free.ok && free.program.evaluate(scopeOf())).toMatchObject({ ok: true, value: true });
});
