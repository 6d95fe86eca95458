import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isOurs } from '../../src/domain/ownership.ts';

const at = Date.parse('2026-11-23T12:00:00.000Z');
const iso = (ms: number) => new Date(at + ms).toISOString();
const found = { type: 'DEFAULT', invitedBy: 'us', createdAt: iso(0) };
const exact = { type: 'DEFAULT', invitedBy: 'us', createdAt: iso(0) } as const;
const within = { type: 'DEFAULT', invitedBy: 'us', since: iso(0), until: iso(1_000) } as const;

describe('a membership is the one of a grant', () => {
  test.each([
    ['made at that very moment', found, exact, true],
    ['made a millisecond later', { ...found, createdAt: iso(1) }, exact, false],
    ['made while the call was under way', { ...found, createdAt: iso(500) }, within, true],
    ['by clocks that differ by 5 s', { ...found, createdAt: iso(-5_000) }, within, true],
    ['by clocks that differ by 5 s the other way', { ...found, createdAt: iso(6_000) }, within, true],
    ['made before', { ...found, createdAt: iso(-5_001) }, within, false],
    ['made after', { ...found, createdAt: iso(6_001) }, within, false],
    ['the moment counts, where it is known', { ...found, createdAt: iso(500) }, { ...within, ...exact }, false],
    ['a call whose end nobody knows', { ...found, createdAt: iso(1e9) }, { ...exact, createdAt: undefined }, false],
    ['of the other type', { ...found, type: 'HIDDEN' }, exact, false],
    ['made by somebody else', { ...found, invitedBy: 'them' }, exact, false],
    ['made by nobody knows whom', { type: 'DEFAULT', createdAt: iso(0) }, within, false],
    ['made nobody knows when', { type: 'DEFAULT', invitedBy: 'us' }, within, false],
    ['made at no time at all', { ...found, createdAt: 'yesterday' }, within, false],
    ['a grant that nothing tells apart', found, { type: 'DEFAULT' }, false],
  ] as const)('%s: %o', (_title, membership, { ...grant }, expected) => {
    expect(isOurs(membership, grant as Parameters<typeof isOurs>[1])).toBe(expected);
  });

  test('whatever differs in type, bearer or moment is never ours', () => {
    const membership = fc.record({
      type: fc.constantFrom('DEFAULT', 'HIDDEN'),
      invitedBy: fc.constantFrom('us', 'them'),
      createdAt: fc.integer({ min: -20_000, max: 20_000 }).map(iso),
    });
    const grant = fc.constantFrom(exact, within, { ...exact, type: 'HIDDEN' as const });
    fc.assert(
      fc.property(membership, grant, (one, made) => {
        if (!isOurs(one, made)) return;
        expect([one.type, one.invitedBy]).toEqual([made.type, made.invitedBy]);
        const off = Date.parse(one.createdAt) - at;
        expect('createdAt' in made ? off === 0 : off >= -5_000 && off <= 6_000).toBe(true);
      }),
    );
  });
});
