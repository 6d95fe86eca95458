import { isDeepStrictEqual } from 'node:util';
import type { BoundRequirement, Composition, Decision } from '../../domain/admission.ts';
import type { ExpectedDecision, ExpectedOfPolicy, ExpectedOfSet, ExpectedRequirement } from './fixture.ts';

/** Something that came out other than expected. */
export interface Difference {
  /** Such as `evaluation` or `decisions.privacy.code`. */
  readonly what: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

/** Compares one policy's decision with what a fixture expects of it. What it does not mention may be anything. */
export function differencesOfPolicy(expected: ExpectedOfPolicy, decision: Decision | undefined): Difference[] {
  const { requirement: asked, ...rest } = expected;
  const actual = decision?.requirement && { binding: decision.binding, ...decision.requirement };
  const met = asked === undefined || (actual !== undefined && fits(asked, actual));
  return [
    ...differing('', rest, decision),
    ...(met ? [] : [{ what: 'requirement', expected: asked, actual: decision?.requirement }]),
  ];
}

/** Compares what a whole set came to. */
export function differencesOfSet(
  expected: ExpectedOfSet,
  composition: Composition,
  decisions: readonly Decision[],
): Difference[] {
  const { action, code, requirements, decisions: each = {} } = expected;
  const actual = {
    action: composition.action,
    code: composition.action === 'deny' ? composition.reason.code : undefined,
  };
  const asked = composition.action === 'pend' ? composition.requirements : [];
  return [
    ...differing('', { action, ...(code === undefined ? {} : { code }) }, actual),
    ...(requirements === undefined || allFit(requirements, asked)
      ? []
      : [{ what: 'requirements', expected: requirements, actual: asked }]),
    ...Object.entries(each).flatMap(([name, one]) =>
      differing(
        `decisions.${name}.`,
        one,
        decisions.find(({ binding }) => binding === name),
      ),
    ),
  ];
}

function differing(prefix: string, expected: ExpectedDecision | object, actual: object | undefined): Difference[] {
  const found = (actual ?? {}) as Record<string, unknown>;
  return Object.entries(expected)
    .filter(([key, value]) => !isDeepStrictEqual(found[key], value))
    .map(([key, value]: [string, unknown]) => ({ what: `${prefix}${key}`, expected: value, actual: found[key] }));
}

/** Each expected requirement fits another actual one, and none is left. */
function allFit(expected: readonly ExpectedRequirement[], actual: readonly BoundRequirement[]): boolean {
  const rest = [...actual];
  for (const one of expected) {
    const index = rest.findIndex((requirement) => fits(one, requirement));
    if (index < 0) return false;
    rest.splice(index, 1);
  }
  return rest.length === 0;
}

function fits({ binding, approve, approvers }: ExpectedRequirement, actual: BoundRequirement): boolean {
  return (
    (binding === undefined || binding === actual.binding) &&
    (approve === undefined || approve === actual.approve) &&
    (approvers === undefined || isDeepStrictEqual(new Set(approvers.roles), new Set(actual.approvers.roles)))
  );
}
