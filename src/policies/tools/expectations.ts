import { isDeepStrictEqual } from 'node:util';
import type { Decision } from '../../domain/admission.ts';
import type { Conclusion } from '../../domain/conclusion.ts';
import { durationMs } from '../../domain/duration.ts';
import type { ExpectedDecision, ExpectedDeferral, ExpectedOfPolicy, ExpectedOfSet, ExpectedTerm } from './fixture.ts';
import { allFit, fitsInput, fitsRequirement } from './requirement-fit.ts';

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
  const shortest = limit && { max: `${limit.limitMs}ms`, remind: limit.remindMs.map((ms) => `${ms}ms`) };
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
