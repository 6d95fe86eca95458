import { parseJoinRequest } from '../../schemas/join-request.ts';
import type { FieldIssue, JoinRequest } from '../../domain/request.ts';
import type { Facts } from '../../domain/facts.ts';
import type { Asking } from '../asking.ts';
import { isOn } from '../binding.ts';
import type { LoadIssue, Problem } from '../load/load-issue.ts';
import { parseYamlFile } from '../load/yaml-file.ts';
import { problemsOf } from '../load/zod-problems.ts';
import { BuiltInFixture, FIXTURE_FACT_SCHEMAS, PolicyFixture, SetFixture } from './fixture.ts';
import type { Fixture, FixtureCase } from './fixture.ts';
import { fixtureAnswers } from './fixture-answers.ts';
import type { FixtureAnswer } from './fixture-answers.ts';
import { fixtureFacts, fixtureRequest, inHomeOf } from './fixture-request.ts';
import { loadTarget } from './fixture-target.ts';
import type { FixtureTarget } from './fixture-target.ts';
import { asFact, givenFacts } from './given-facts.ts';

/** A case with everything filled in. */
export interface ReadyCase extends Pick<FixtureCase, 'name' | 'expect' | 'termDecided'>, Asking {
  /** What external policies say. */
  readonly verdicts: Readonly<Record<string, FixtureAnswer>>;
  readonly line: number;
  readonly request: JoinRequest;
  readonly facts: Facts;
  readonly now: Date;
}

export interface ReadyFixture {
  readonly file: string;
  readonly target: FixtureTarget;
  readonly cases: readonly ReadyCase[];
}

export type LoadedFixture =
  { readonly ok: true; readonly fixture: ReadyFixture } | { readonly ok: false; readonly issues: readonly LoadIssue[] };

/** Checks a fixture file and loads what it tests; a bad one gives everything that is wrong with it, and where. */
export async function loadFixture(text: string, file: string): Promise<LoadedFixture> {
  const read = parseYamlFile(text, file);
  if (!read.ok) return read;
  const { yaml } = read;
  const refused = (problems: readonly Problem[]): LoadedFixture => ({ ok: false, issues: problems.map(yaml.issue) });
  const schema = schemaFor(yaml.value);
  if (!schema) return refused([{ path: [], message: 'this is no fixture', accepted: ONE_OF }]);
  const parsed = schema.safeParse(yaml.value);
  if (!parsed.success) return refused(problemsOf(parsed.error, yaml.value, { schema }));
  const fixture: Fixture = parsed.data;
  const loaded = await loadTarget(fixture, file);
  if (!loaded.ok) return refused(loaded.problems);
  const { target } = loaded;
  const problems: Problem[] = [];
  const cases = fixture.cases.flatMap((one: FixtureCase, index): ReadyCase[] => {
    const path = ['cases', index];
    const ready = readyCase(one, target, yaml.issue({ path, message: '' }).line ?? 1);
    if ('request' in ready) return [ready];
    problems.push(...ready.problems.map((problem) => ({ ...problem, path: [...path, ...problem.path] })));
    return [];
  });
  return problems.length > 0 ? refused(problems) : { ok: true, fixture: { file, target, cases } };
}

const ONE_OF =
  'a mapping with cases, and one of: policy (a file), use (a built-in policy or package), set (a policy set)';

function schemaFor(value: unknown) {
  if (typeof value !== 'object' || value === null) return undefined;
  if ('set' in value) return SetFixture;
  if ('policy' in value) return PolicyFixture;
  return 'use' in value ? BuiltInFixture : undefined;
}

function readyCase(one: FixtureCase, target: FixtureTarget, line: number): ReadyCase | { problems: Problem[] } {
  const { name, expect, purpose, termDecided = false } = one;
  const now = new Date(one.now);
  const request = parseJoinRequest(fixtureRequest(one.request));
  const given = givenFacts(one.facts, { set: target.set, now, schemas: FIXTURE_FACT_SCHEMAS });
  const { verdicts, answers, problems: wrongAnswers } = fixtureAnswers(one.answers, externalIn(target));
  const problems = [
    ...wrongAnswers,
    ...(request.ok ? [] : request.issues.map(inRequest)),
    ...(given.ok ? [] : given.problems.map((problem) => ({ ...problem, path: ['facts', ...problem.path] }))),
    ...strangers(one, target),
    ...idle(one),
  ];
  if (!request.ok || !given.ok || problems.length > 0) return { problems };
  // `givenFacts` has checked every value.
  const askedBy = one.askedBy === undefined ? undefined : inHomeOf(request.value, one.askedBy);
  const values = fixtureFacts(request.value, one.facts, askedBy);
  const facts = Object.fromEntries(Object.entries(values).map(([fact, value]) => [fact, asFact<unknown>(value, now)]));
  const requestedAt = new Date(one.requestedAt ?? now);
  const asking = { answers, purpose, askedBy, termDecided, requestedAt };
  return { name, line, verdicts, ...asking, expect, request: request.value, facts, now };
}

function inRequest({ field, message, accepted }: FieldIssue): Problem {
  return { path: ['request', field.replace(/Arn$/, '')], message, accepted };
}

/** What says something of a longer term, where none is asked for. */
function idle({ purpose, ...one }: FixtureCase): Problem[] {
  const fields = (['askedBy', 'termDecided'] as const).filter(
    (field) => purpose === 'join' && one[field] !== undefined,
  );
  return fields.map((field) => ({
    path: [field],
    message: `${field} does nothing without purpose: extend`,
    accepted: 'purpose: extend',
  }));
}

/** Bindings that are named and not there: a misspelled one would silently test nothing. */
function strangers({ answers, expect }: FixtureCase, { set }: FixtureTarget): Problem[] {
  const names = set.bindings.filter(isOn).map(({ name }) => name);
  const expected = 'decisions' in expect ? (expect.decisions ?? {}) : {};
  return [...unknownKeys(['answers'], answers, names), ...unknownKeys(['expect', 'decisions'], expected, names)];
}

function externalIn({ set }: FixtureTarget): string[] {
  return set.bindings.filter((one) => isOn(one) && one.policy.kind === 'external').map(({ name }) => name);
}

function unknownKeys(path: readonly string[], used: object, known: readonly string[]): Problem[] {
  const accepted = known.join(', ') || 'none';
  return Object.keys(used)
    .filter((name) => !known.includes(name))
    .map((name) => ({ path: [...path, name], atKey: true, message: 'there is no such binding', accepted }));
}
