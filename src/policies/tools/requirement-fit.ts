import { isDeepStrictEqual } from 'node:util';
import type { BoundInput, BoundRequirement } from '../../domain/admission.ts';
import { Requirement } from '../../schemas/requirement.ts';
import type { ExpectedInput, ExpectedRequirement } from './fixture.ts';

/** A requirement as a text in which the order of people and roles makes no difference. */
export function comparable({ stages, distinctFrom = [] }: Requirement): string {
  return JSON.stringify({ stages, distinctFrom }, (key, value: unknown) => {
    const isSet = ['roles', 'users', 'exclude', 'distinctFrom'].includes(key) && Array.isArray(value);
    return isSet ? [...new Set(value as string[])].toSorted() : value;
  });
}

/** Whether an actual requirement is what is expected, written in either form; half of the short form is compared alone. */
export function fitsRequirement(expected: ExpectedRequirement, actual: BoundRequirement): boolean {
  const { binding, approve, approvers, stages } = expected;
  if (binding !== undefined && binding !== actual.binding) return false;
  const named = expected.distinctFrom?.toSorted().join();
  if (named !== undefined && named !== (actual.distinctFrom ?? []).toSorted().join()) return false;
  if (stages) return comparable({ stages }) === comparable({ stages: actual.stages });
  if (approve === undefined && !approvers) return true;
  const [stage, ...otherStages] = actual.stages;
  const [way, ...otherWays] = stage?.anyOf ?? [];
  if (!stage || !way || otherStages.length + otherWays.length > 0) return false;
  const short = Requirement.parse({ approvers: approvers ?? stage.approvers, approve: approve ?? way.approve });
  const whole = approve !== undefined && approvers !== undefined;
  const compared = whole
    ? { stages: actual.stages }
    : Requirement.parse({ approvers: stage.approvers, approve: way.approve });
  return comparable(short) === comparable(compared);
}

export function fitsInput(expected: ExpectedInput, actual: BoundInput): boolean {
  return Object.entries(expected).every(([key, value]) => isDeepStrictEqual(actual[key as keyof BoundInput], value));
}

/** Each expected one fits another actual one, and none is left. */
export function allFit<E, A>(
  expected: readonly E[],
  actual: readonly A[],
  fits: (expected: E, actual: A) => boolean,
): boolean {
  const rest = [...actual];
  for (const one of expected) {
    const index = rest.findIndex((other) => fits(one, other));
    if (index < 0) return false;
    rest.splice(index, 1);
  }
  return rest.length === 0;
}
