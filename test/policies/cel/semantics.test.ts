import { expect, test } from 'vitest';
import { user } from '../fixtures.ts';
import { evaluated, scopeOf, programOf, valueOf } from './cel.ts';

test.for([
  ['true', true],
  ['1', 1],
  ['"true"', 'true'],
  ['null', null],
  ['1.5', 1.5],
  ['[1, "a", null]', [1, 'a', null]],
  ['{"a": [1u]}', { a: [1] }],
  ['b"ab"', 'YWI='],
  ['9007199254740993', '9007199254740993'],
  ['type(1)', 'int'],
  ['duration("90s")', '90s'],
  ['timestamp("2026-01-01T00:00:00Z")', '2026-01-01T00:00:00Z'],
] as const)('%s has the value %j', ([source, value]) => {
  expect(valueOf(source)).toEqual(value);
});

test.for([
  // Numbers of JSON go with the literals that people write.
  ['params.max == 3 && params.max + 1 > 3 && params.list[params.max - 2] == 5'],
  ['params.ratio < 1 && params.ratio == 0.5 && params.ratio * 2.0 == 1.0'],
  ['size(facts.moderators) == 2 && facts.approvers.total > size(facts.admins)'],
  // Fields that are not there.
  ['!has(request.reason) && !("reason" in request)'],
  ['!has(facts.channel.topic) && has(facts.channel.privacy)'],
  ['facts.bearer.role == null && facts.member.membership == null'],
  // An error does not matter where the other side decides.
  ['request.reason == "x" || true'],
  ['!(request.reason == "x" && false)'],
  ['true ? true : request.reason == "x"'],
  // Names, also in brackets.
  ['request["type"] == request.type && facts["requester.role"] == facts.requester.role'],
  ['facts.moderators.exists(m, m.endsWith("/mona")) && facts.moderators.all(m, m != request.memberArn)'],
  ['facts.moderators.filter(m, m.matches("max$")).size() == 1 && [1, 2].map(x, x * 2) == [2, 4]'],
  ['[[1, 2], [3]].all(x, x.exists(x, x > 1))'],
  ['facts.admins.exists_one(a, a in facts.admins)'],
  ['type(request.type) == string && string(1) == "1" && int("2") == 2'],
  // Time.
  ["duration('30d') > duration('168h') && duration('1d12h') == duration('36h') && duration('0.5d') == duration('12h')"],
  ["duration(string(params.max) + 'd') == duration('72h') && duration('-1d') < duration('0')"],
  ['now > timestamp("2026-11-23T11:59:59Z") && now - duration("24h") < timestamp("2026-11-22T12:00:01Z")'],
  ['now.getHours("Europe/Berlin") == 13 && now.getDayOfWeek() == 1 && now.getHours("-05:30") == 6'],
])('%s holds', ([source]) => {
  const params = { max: 3, ratio: 0.5, list: [4, 5] };
  expect(valueOf(source ?? '', { params })).toBe(true);
});

test.for([
  ['request.reason == "x"', 'field not found: reason'],
  ['request.reason', 'field not found: reason'],
  ['facts.channel.topic == "x"', 'field not found: topic'],
  ['facts.member.membership.type == "HIDDEN"', 'field not found: type'],
  ['params.none', 'field not found: none'],
  ['params.list[7] == 1', 'out of bounds'],
  ['params.ratio + 1 > 1', 'no matching overload'],
  ['request.type && true', 'expected bool'],
  ['request.type ? 1 : 2', 'no matching overload'],
  ['!request.type', 'no matching overload'],
  ['request.type > 1', 'no matching overload'],
  ['params.max / (params.max - 3)', 'divi'],
  ['"a".matches(params.pattern)', 'missing closing'],
  ['timestamp(request.type) < now', 'timestamp'],
  ['now.getHours(request.type) > 1', 'time zone'],
  ['facts.moderators.exists(m, m > 1)', 'no matching overload'],
])('%s is an error, and no value', ([source = '', message = '']) => {
  const result = evaluated(source, { params: { max: 3, ratio: 0.5, list: [4, 5], pattern: '(' } });
  expect(result.ok).toBe(false);
  expect(result).toMatchObject({ error: expect.stringContaining(message) as string });
});

test('a fact that was not read, or is no JSON, is an error of those who read it', () => {
  const facts = { channel: undefined, admins: () => 1, 'own.bad': Symbol('x') };
  expect(valueOf('facts.channel.elastic', { facts })).toContain('the fact channel is not known');
  expect(valueOf('facts.admins == []', { facts })).toContain('the fact admins: function is not JSON');
  expect(valueOf('facts.own.bad == 1 || request.type == "DEFAULT"', { facts })).toBe(true);
  expect(valueOf('facts.moderators == []', { facts: {} })).toContain('the fact moderators is not known');
});

test('the longest name of a fact counts', () => {
  const facts = { channel: { privacy: 'PUBLIC' }, 'channel.owner': { name: 'ann' } };
  const source = 'facts.channel.owner.name == "ann" && facts.channel.privacy == "PUBLIC" && !has(facts.channel.topic)';
  expect(programOf(source, ['channel.owner']).facts.toSorted()).toEqual(['channel', 'channel.owner']);
  expect(valueOf(source, { facts })).toBe(true);
});

test('members of prototypes are no fields', () => {
  for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'length']) {
    for (const of of ['params', 'facts.channel', 'params.list', 'request.type.x'].slice(0, 3)) {
      expect(valueOf(`has(${of}.${name})`, { params: { list: [1] } }), `${of}.${name}`).toBe(false);
      expect(valueOf(`${of}.${name} == 1`, { params: { list: [1] } })).toContain('error');
    }
  }
  const own = JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}') as unknown;
  expect(valueOf('params.constructor == 1 && params.__proto__.polluted', { params: own })).toBe(true);
  expect(valueOf('params', { params: own })).toEqual(own);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

test('no evaluation changes what it is given', () => {
  const freeze = <T>(value: T): T => {
    if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(freeze);
    return value;
  };
  const scope = freeze(scopeOf({ params: { list: [3, 1, 2], map: { a: { b: [1] } } } }));
  const before = JSON.stringify(scope);
  const source = '(params.list + [4]).map(x, x * 2).filter(x, x > 2).size() == 3 && params.map.a.b + [2] == [1, 2]';
  expect(programOf(source).evaluate(scope)).toMatchObject({ ok: true, value: true });
  expect(JSON.stringify(scope)).toBe(before);
});

test('two evaluations of one program, one inside of the other, do not disturb each other', () => {
  const program = programOf('params.flag && facts.moderators.exists(m, m == request.memberArn)');
  const inner: unknown[] = [];
  const params = {
    get flag() {
      inner.push(program.evaluate(scopeOf({ params: { flag: false } })));
      return true;
    },
  };
  const outer = program.evaluate(scopeOf({ params, facts: { moderators: [user('alice')] } }));
  expect(inner).toMatchObject([{ ok: true, value: false }]);
  expect(outer).toMatchObject({ ok: true, value: true, explain: { children: [{ value: true }, { value: true }] } });
});

test('a scope that cannot be read is an error', () => {
  const request = new Proxy(
    {},
    {
      ownKeys: () => {
        throw new Error('no keys');
      },
    },
  ) as never;
  expect(valueOf('request.type == "HIDDEN"', { request })).toContain('no keys');
  expect(valueOf('now > now', { now: new Date(Number.NaN) })).toContain('error');
});
