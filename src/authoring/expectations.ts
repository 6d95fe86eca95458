import { isDeepStrictEqual } from 'node:util';
import type { Decision, BoundInput, BoundRequirement } from '../domain/admission.ts';
import type { Conclusion } from '../domain/conclusion.ts';
import { durationMs, durationText } from '../domain/duration.ts';
import { Requirement } from '../schemas/requirement.ts';
import type {
  ExpectedDecision,
  ExpectedDeferral,
  ExpectedOfPolicy,
  ExpectedOfSet,
  ExpectedTerm,
  ExpectedInput,
  ExpectedRequirement,
} from './fixture.ts';

/** Something that came out other than expected. */
export interface Difference {
  /** Such as `evaluation` or `decisions.privacy.code`. */
  readonly what: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

/** Compares one policy's decision with what a fixture expects of it. What it does not mention may be anything. */
export function differencesOfPolicy(expected: ExpectedOfPolicy, decision: Decision | undefined): Difference[] {
  const { requirement, input, defer, term, ...rest } = expected;
  const { requirement: required, schema, prompt, expiresIn, until, giveUpAfter, term: limit } = decision ?? {};
  const binding = decision?.binding ?? '';
  const asked = schema && { binding, schema, prompt: prompt ?? '', expiresIn: expiresIn ?? '' };
  return [
    ...differing('', rest, decision),
    ...unless('requirement', [requirement, required], (one, other) => fitsRequirement(one, { binding, ...other })),
    ...unless('input', [input, asked], fitsInput),
    ...unless('defer', [defer, until === undefined ? undefined : { until, giveUpAfter }], fitsDeferral),
    ...unless('term', [term, limit && { max: limit.max, remind: limit.remind }], fitsTerm),
  ];
}

/** Compares what a whole set came to. */
export function differencesOfSet(
  expected: ExpectedOfSet,
  { composition, term: limit }: Conclusion,
  decisions: readonly Decision[],
): Difference[] {
  const { action, code, requirements, inputs, defer, term, decisions: each = {} } = expected;
  const actual = {
    action: composition.action,
    code: composition.action === 'deny' ? composition.reason.code : undefined,
  };
  const asked = composition.action === 'pend' ? composition.requirements : [];
  const questions = composition.action === 'ask' ? composition.inputs : [];
  const deferral = composition.action === 'defer' ? composition : undefined;
  const until = deferral && { until: deferral.until, giveUpAfter: `${deferral.giveUpAfterMs}ms` };
  const shortest = limit && { max: durationText(limit.limitMs), remind: limit.remindMs.map(durationText) };
  return [
    ...differing('', { action, ...(code === undefined ? {} : { code }) }, actual),
    ...unless('requirements', [requirements, asked], (one, other) => allFit(one, other, fitsRequirement)),
    ...unless('inputs', [inputs, questions], (one, other) => allFit(one, other, fitsInput)),
    ...unless('defer', [defer, until], fitsDeferral),
    ...unless('term', [term, shortest], fitsTerm),
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

function unless<E, A>(
  what: string,
  [expected, actual]: readonly [E | undefined, A | undefined],
  fits: (expected: E, actual: A) => boolean,
): Difference[] {
  if (expected === undefined || (actual !== undefined && fits(expected, actual))) return [];
  return [{ what, expected, actual }];
}

function fitsDeferral(expected: ExpectedDeferral, actual: { until: string; giveUpAfter: string | undefined }): boolean {
  const { until, giveUpAfter } = expected;
  return (
    (until === undefined || Date.parse(until) === Date.parse(actual.until)) &&
    (giveUpAfter === undefined || durationMs(giveUpAfter) === durationMs(actual.giveUpAfter ?? ''))
  );
}

function fitsTerm(expected: ExpectedTerm, actual: { max: string; remind: readonly string[] }): boolean {
  return (
    durationMs(expected.max) === durationMs(actual.max) &&
    (expected.remind === undefined || isDeepStrictEqual(times(expected.remind), times(actual.remind)))
  );
}

function times(texts: readonly string[]): number[] {
  return texts.map(durationMs).toSorted((a, b) => a - b);
}

/** A requirement as a text in which the order of people and roles makes no difference. */
export function comparable({ stages, distinctFrom = [] }: Requirement): string {
  return JSON.stringify({ stages, distinctFrom }, (key, value: unknown) => {
    const isSet = ['roles', 'users', 'exclude', 'distinctFrom'].includes(key) && Array.isArray(value);
    return isSet ? [...new Set(value as string[])].toSorted() : value;
  });
}

/** Whether an actual requirement is what is expected, written in either form; half of the short form is compared alone. */
function fitsRequirement(expected: ExpectedRequirement, actual: BoundRequirement): boolean {
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

function fitsInput(expected: ExpectedInput, actual: BoundInput): boolean {
  return Object.entries(expected).every(([key, value]) => isDeepStrictEqual(actual[key as keyof BoundInput], value));
}

/** Each expected one fits another actual one, and none is left. */
function allFit<E, A>(
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
