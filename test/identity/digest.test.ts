import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { digestOf } from '../../src/identity/digest.ts';

/** The same value, with the keys of every object in another order. */
function shuffled(value: unknown, seed: number): unknown {
  if (Array.isArray(value)) return value.map((item) => shuffled(item, seed));
  if (typeof value !== 'object' || value === null) return value;
  const order = (name: string) => digestOf([name, seed]);
  const fields = Object.entries(value).toSorted(([a], [b]) => (order(a) < order(b) ? -1 : 1));
  return Object.fromEntries(fields.map(([name, field]) => [name, shuffled(field, seed)]));
}

/** Every place in a value where a leaf stands, as a path. */
function leaves(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, field]) => leaves(field, [...path, name]));
}

function changedAt(value: unknown, [first, ...rest]: (string | number)[]): unknown {
  if (first === undefined) return value === 'changed' ? 'again' : 'changed';
  if (Array.isArray(value)) return value.map((item, i) => (i === Number(first) ? changedAt(item, rest) : item));
  return Object.fromEntries(
    Object.entries(value as object).map(([name, field]) => [name, name === first ? changedAt(field, rest) : field]),
  );
}

describe('a digest', () => {
  test('does not depend on the order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.integer(), (value, seed) => {
        expect(digestOf(shuffled(value, seed))).toBe(digestOf(value));
      }),
    );
  });

  test('changes with any value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(), (value, at) => {
        const paths = leaves(value);
        fc.pre(paths.length > 0);
        const changed = changedAt(value, paths[at % paths.length] ?? []);
        expect(digestOf(changed)).not.toBe(digestOf(value));
      }),
    );
  });

  test('is the same for two values exactly if their JSON says the same', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        const same = digestOf(JSON.parse(JSON.stringify(one))) === digestOf(other);
        expect(same).toBe(JSON.stringify(shuffled(one, 1)) === JSON.stringify(shuffled(other, 1)));
      }),
    );
  });

  test('leaves out what is undefined, and sees what is null or empty', () => {
    expect(digestOf({ a: 1, b: undefined })).toBe(digestOf({ a: 1 }));
    const others = [{ a: 1, b: null }, { a: 1, b: '' }, { a: 1, b: [] }, { a: 1, b: {} }, { a: '1' }, [{ a: 1 }]];
    expect(new Set([{ a: 1 }, ...others].map(digestOf)).size).toBe(others.length + 1);
  });

  test('tells apart what would read the same when joined', () => {
    const values = [['a', 'b'], ['a,b'], ['["a"', 'b'], { a: 'b' }, { 'a":"b': '' }, [['a'], 'b'], [['a', 'b']]];
    expect(new Set(values.map(digestOf)).size).toBe(values.length);
  });

  // Made with `printf '%s' TEXT | sha256sum`; the text is the canonical JSON of RFC 8785.
  test.each([
    [{}, '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'],
    [
      { b: [1, true, null], a: 'ü\n', 10: 0, 9: -0 },
      '51f0bdbde1d6651c279f8fb5b1f7295a42087c1c18d4f31bcb6de60039a64f9f',
    ],
  ])('of %j is what others compute', (value, digest) => {
    expect(digestOf(value)).toBe(digest);
  });
});
