import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BoundRequirement } from '../../src/domain/admission.ts';
import { resolve } from '../../src/domain/approval.ts';
import type { Review } from '../../src/domain/approval.ts';
import type { ApproverRole } from '../../src/domain/facts.ts';

const MODERATOR = 'channel_moderator';
const ADMIN = 'app_instance_admin';
const offices: ApproverRole[] = [MODERATOR, ADMIN];

const requirements: fc.Arbitrary<BoundRequirement[]> = fc.array(
  fc.record({
    binding: fc.stringMatching(/^[a-z]$/),
    approvers: fc.record({ roles: fc.subarray(offices, { minLength: 1 }) }),
    approve: fc.integer({ min: 1, max: 3 }),
  }),
  { minLength: 1, maxLength: 3 },
);

function review(decision: Review['decision'], reviewer: string, roles: ApproverRole[] = offices): Review {
  return { decision, reviewer, roles, at: '2026-11-23T12:00:00.000Z', verified: true };
}
const reviews = fc.array(
  fc
    .tuple(fc.constantFrom('approve', 'deny'), fc.constantFrom('mona', 'max', 'ada', 'eve'), fc.subarray(offices))
    .map(([decision, reviewer, roles]) => review(decision, reviewer, roles)),
  { maxLength: 8 },
);
const eligible = ({ approvers }: BoundRequirement, { roles }: Review) => approvers.roles.some((r) => roles.includes(r));
const latest = (all: readonly Review[]) =>
  all.filter((one, at) => !all.slice(at + 1).some((l) => l.reviewer === one.reviewer));

/** Expects something of every set of requirements and every course of reviews. */
function expectAlways(predicate: (asked: BoundRequirement[], given: Review[]) => void) {
  fc.assert(fc.property(requirements, reviews, predicate), { numRuns: 500 });
}

describe('properties', () => {
  test('nobody counts twice, and only who may answer a requirement counts for it, by their latest review', () => {
    expectAlways((asked, given) => {
      resolve(asked, given).progress.forEach(({ binding, approve, approvedBy }, at) => {
        const requirement = asked[at];
        if (!requirement) throw new Error('progress is told for each requirement, in order');
        const counted = latest(given).filter((one) => one.decision === 'approve' && eligible(requirement, one));
        expect(approvedBy.toSorted()).toEqual(counted.map((one) => one.reviewer).toSorted());
        expect({ binding, approve }).toEqual({ binding: requirement.binding, approve: requirement.approve });
      });
    });
  });

  test('it is denied if and only if someone who may answer denies at last, and says by whom', () => {
    expectAlways((asked, given) => {
      const deniers = latest(given).filter((one) => one.decision === 'deny' && asked.some((r) => eligible(r, one)));
      const resolution = resolve(asked, given);
      const by = resolution.result === 'denied' ? resolution.by : undefined;
      expect(deniers.length > 0 ? deniers.map((one) => one.reviewer) : [undefined]).toContain(by);
    });
  });

  test('it is approved if and only if nobody denied and every requirement is met', () => {
    expectAlways((asked, given) => {
      const { result, progress } = resolve(asked, given);
      const met = progress.every(({ approve, approvedBy }) => approvedBy.length >= approve);
      expect(result === 'denied' ? 'denied' : met ? 'approved' : 'open').toBe(result);
    });
  });

  test('to repeat what was said last changes nothing', () => {
    expectAlways((asked, given) => {
      expect(resolve(asked, [...given, ...latest(given)])).toEqual(resolve(asked, given));
    });
  });

  test('a review by someone without office changes nothing', () => {
    expectAlways((asked, given) => {
      for (const decision of ['approve', 'deny'] as const) {
        expect(resolve(asked, [...given, review(decision, 'stranger', [])])).toEqual(resolve(asked, given));
      }
    });
  });

  test('one review counts for every requirement that it may answer', () => {
    expectAlways((asked, given) => {
      const before = resolve(asked, given).progress.map((one) => one.approvedBy.length);
      const after = resolve(asked, [...given, review('approve', 'new')]).progress.map((one) => one.approvedBy.length);
      expect(after).toEqual(before.map((count) => count + 1));
    });
  });
});

test('two requirements are met by one person of both offices, or by two of one each', () => {
  const asked = [
    { binding: 'a', approvers: { roles: [ADMIN] }, approve: 1 },
    { binding: 'm', approvers: { roles: [MODERATOR] }, approve: 1 },
  ] satisfies BoundRequirement[];
  const [byMona, byAda] = [review('approve', 'mona', [MODERATOR]), review('approve', 'ada', [ADMIN])];
  expect(resolve(asked, [review('approve', 'max', [MODERATOR, ADMIN])]).result).toBe('approved');
  expect(resolve(asked, [byMona]).result).toBe('open');
  expect(resolve(asked, [byMona, byMona]).result).toBe('open');
  expect(resolve(asked, [byMona, byAda]).result).toBe('approved');
  expect(resolve(asked, [byMona, byAda, review('deny', 'mona', [MODERATOR])])).toMatchObject({
    result: 'denied',
    by: 'mona',
  });
});
