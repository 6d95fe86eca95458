import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Facts } from '../domain/facts.ts';
import { parseJoinRequest, type FieldIssue, type JoinRequest } from '../domain/request.ts';
import { isOn } from '../policies/binding.ts';
import type { Asking } from '../policies/run-policy.ts';
import { Verdict } from '../schemas/verdict.ts';
import type { LoadIssue, Problem } from '../yaml/problem.ts';
import { parseYamlFile } from '../yaml/yaml-file.ts';
import { problemsOf } from '../yaml/zod-problems.ts';
import { asFact, givenFacts } from './facts.ts';
import { loadTarget, type FixtureTarget } from './fixture-target.ts';
import {
  BuiltInFixture,
  FIXTURE_FACT_SCHEMAS,
  PolicyFixture,
  SetFixture,
  fixtureFacts,
  fixtureRequest,
  inHomeOf,
  type Fixture,
  type FixtureCase,
} from './fixture.ts';

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

/** What an external policy says in a case, or why it fails. */
type FixtureAnswer = Verdict | Error;

const Failure = z.strictObject({ error: z.string().min(1) });
const Submitted = z.record(z.string(), z.unknown());
const ACCEPTED = '{ verdict: allow, … } as a policy answers, or { error: a text }';

interface FixtureAnswers {
  /** What external policies say. */
  readonly verdicts: Record<string, FixtureAnswer>;
  /** What the requester answered to other policies. */
  readonly answers: Record<string, Asking['answers'][string]>;
  readonly problems: readonly Problem[];
}

/** Checks the answers of a case, each as what it is meant to be, so that the messages fit. */
function fixtureAnswers(given: Readonly<Record<string, unknown>>, external: readonly string[]): FixtureAnswers {
  const verdicts: FixtureAnswers['verdicts'] = {};
  const answers: FixtureAnswers['answers'] = {};
  const problems = Object.entries(given).flatMap(([name, value]) => {
    const at = ['answers', name];
    if (!external.includes(name)) {
      const parsed = Submitted.safeParse(value);
      if (parsed.success) answers[name] = parsed.data;
      return parsed.success ? [] : problemsOf(parsed.error, value, { at, accepted: { '': 'the answers, by field' } });
    }
    const failure = typeof value === 'object' && value !== null && 'error' in value;
    const schema = failure ? Failure : Verdict;
    const parsed = schema.safeParse(value);
    if (!parsed.success) return problemsOf(parsed.error, value, { at, schema, accepted: { '': ACCEPTED } });
    verdicts[name] = 'error' in parsed.data ? new Error(parsed.data.error) : parsed.data;
    return [];
  });
  return { verdicts, answers, problems };
}

const ENDING = '.test.yaml';

/**
 * The fixture files that are meant by the given paths: files, or folders with all fixtures below them. Without any:
 * those below `policies` and `examples`, and those beside an `admission.yaml`.
 */
export async function findFixtures(
  paths: readonly string[],
  folder = '.',
): Promise<{ readonly files: readonly string[]; readonly missing: readonly string[] }> {
  if (paths.length === 0) {
    const beside = (await isThere(join(folder, 'admission.yaml'))) ? await fixturesIn(folder, false) : [];
    const below = await Promise.all(['policies', 'examples'].map((name) => fixturesIn(join(folder, name), true)));
    return { files: [...beside, ...below.flat()], missing: [] };
  }
  const found = await Promise.all(paths.map((path) => named(path, folder)));
  return {
    files: [...new Set(found.flatMap((files) => files ?? []))],
    missing: paths.filter((_path, index) => found[index] === undefined),
  };
}

async function named(path: string, folder: string): Promise<string[] | undefined> {
  const full = join(folder, path);
  const found = await stat(path.startsWith('/') ? path : full).catch(() => undefined);
  const at = path.startsWith('/') ? path : full;
  if (found?.isDirectory()) return fixturesIn(at, true);
  return found ? [at] : undefined;
}

async function fixturesIn(folder: string, recursive: boolean): Promise<string[]> {
  const names = await readdir(folder, { recursive }).catch(() => []);
  return names
    .filter((name) => name.endsWith(ENDING) && !name.includes('node_modules'))
    .map((name) => join(folder, name))
    .toSorted();
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
