import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { boundsIssue, ONBOARDING_BOUNDS } from './domain/bounds.ts';
import type { Flow } from './domain/onboarding/flow.ts';
import { CHIME_ROLES } from './domain/requirement.ts';
import { digestOf } from './identity/digest.ts';
import { schemaProblems } from './json-schema/bounded.ts';
import { approversIn } from './policies/params.ts';
import { ownRolesIn, reviewerExpression } from './policies/roster.ts';
import { ACCEPTED_IN_FLOW, Flow as FlowSchema } from './schemas/flow.ts';
import { readFlow, sampleParams, type Explain } from './schemas/read-flow.ts';
import type { LoadIssue, Problem } from './yaml/problem.ts';
import { readYamlFile } from './yaml/yaml-file.ts';
import { problemsOf } from './yaml/zod-problems.ts';

/** A flow that workers have, which anybody may name and only its `startedBy` may start. */
export interface ConfiguredFlow {
  readonly name: string;
  /** As it was written: what an onboarding is made of, and the digest is of. */
  readonly written: unknown;
  /** Read with samples for its params. */
  readonly flow: Flow;
  readonly digest: string;
  readonly file: string;
}

/** The flows of `ADMISSION_FLOWS`. They are configuration, as policies are: nobody who starts an onboarding brings them. */
export interface Flows {
  get(name: string): Pick<ConfiguredFlow, 'written' | 'digest'> | undefined;
  names(): readonly string[];
}

export function flowsOf(flows: readonly ConfiguredFlow[]): Flows {
  const byName = new Map(flows.map((flow) => [flow.name, flow]));
  return { get: (name) => byName.get(name), names: () => [...byName.keys()] };
}

export const NO_FLOWS = flowsOf([]);

type Loaded<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly issues: readonly LoadIssue[] };

/** Loads the flows of YAML files, and of folders of them; or gives everything that is wrong, with file and line. */
export async function loadFlows(places: readonly string[], hasRole: HasRole): Promise<Loaded<ConfiguredFlow[]>> {
  const files = await Promise.all(places.map(filesAt));
  const read = await Promise.all([...new Set(files.flat())].map(async (file) => readFlowFile(file, hasRole)));
  const empty = places.filter((_, index) => files[index]?.length === 0).map((file) => ({ file, ...NO_FILES }));
  const good = read.flatMap((one) => (one.ok ? [one.value] : []));
  const issues = [...empty, ...read.flatMap((one) => (one.ok ? [] : one.issues)), ...twiceNamed(good)];
  return issues.length > 0 ? { ok: false, issues } : { ok: true, value: good };
}

const NO_FILES = { path: '', message: 'there is no flow in this folder', accepted: 'files that end in .yaml or .yml' };

/** The file itself, or the YAML files of a folder; what is not there is found when it is read. */
async function filesAt(place: string): Promise<string[]> {
  const isFolder = await stat(place).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) return [place];
  const names = (await readdir(place)).filter((name) => /\.ya?ml$/.test(name));
  return names.toSorted().map((name) => join(place, name));
}

type ReadFile = ConfiguredFlow & { readonly nameIssue: (message: string) => LoadIssue };

async function readFlowFile(file: string, hasRole: HasRole): Promise<Loaded<ReadFile>> {
  const parsed = await readYamlFile(file);
  if (!parsed.ok) return parsed;
  const { value: written, issue } = parsed.yaml;
  const read = readFlow(written, sampleParams(written), explain);
  const problems = read.ok ? [...outOfBounds(written), ...(await checkFlow(written, hasRole))] : read.problems;
  if (!read.ok || problems.length > 0) return { ok: false, issues: problems.map(issue) };
  const { flow } = read;
  const nameIssue = (message: string) => issue({ path: ['name'], message, accepted: 'a name of its own' });
  return { ok: true, value: { name: flow.name, written, flow, digest: digestOf(written), file, nameIssue } };
}

/** What would be refused of a flow that is brought along. */
function outOfBounds(written: unknown): Problem[] {
  const found = boundsIssue(written, 'flow', ONBOARDING_BOUNDS);
  if (!found) return [];
  const { field, message, accepted } = found;
  return [{ path: field.split('.'), message: message.replace(`${field} `, ''), accepted }];
}

const explain: Explain = (error, value) => problemsOf(error, value, { schema: FlowSchema, accepted: ACCEPTED_IN_FLOW });

function twiceNamed(flows: readonly ReadFile[]): LoadIssue[] {
  return flows.flatMap(({ name, nameIssue }, index) => {
    const first = flows.findIndex((one) => one.name === name);
    return first < index ? [nameIssue(`there is another flow ${name}, in ${flows[first]?.file}`)] : [];
  });
}

/** Whether a policy of the set provides a fact of this name, which then is a role. */
type HasRole = (name: string) => boolean;

/**
 * What no schema sees of a flow that is good otherwise: expressions that do not compile, roles that nobody provides, and
 * what in the schemas of its questions would not be kept. `written`: as its author wrote it, so that each problem has its place.
 */
export async function checkFlow(written: unknown, hasRole: HasRole): Promise<Problem[]> {
  return [...peopleProblems(written, hasRole), ...(await schemasProblems(written as Pick<Flow, 'steps'>))];
}

async function schemasProblems({ steps }: Pick<Flow, 'steps'>): Promise<Problem[]> {
  const found = steps.map(async (step, index): Promise<Problem[]> => {
    const problems = step.kind === 'input' ? await schemaProblems(step.schema, 3) : [];
    return problems.map((problem) => ({ ...problem, path: ['steps', index, 'schema', ...problem.path] }));
  });
  return (await Promise.all(found)).flat();
}

function peopleProblems(written: unknown, hasRole: HasRole): Problem[] {
  const { startedBy, steps } = written as Pick<Flow, 'startedBy' | 'steps'>;
  const roles = typeof startedBy === 'object' ? startedBy.roles : [];
  const starters = { path: ['startedBy'], approvers: { roles } };
  const people = approversIn(steps, ['steps']);
  return [
    ...[starters, ...people].flatMap(({ path, approvers }) =>
      ownRolesIn([approvers])
        .filter((role) => !hasRole(role))
        .map((role) => ({
          path: [...path, 'roles', approvers.roles?.indexOf(role) ?? 0],
          message: `unknown role ${role}: it is no office of Chime, and no policy of the set provides it`,
          accepted: `${CHIME_ROLES.join(', ')}, or a fact that a policy provides`,
        })),
    ),
    ...people.flatMap(({ path, approvers: { expression } }) => {
      const compiled = expression === undefined ? undefined : reviewerExpression(expression);
      if (compiled?.ok !== false) return [];
      const { message, accepted, line = 1, column = 1 } = compiled;
      return [{ path: [...path, 'expression'], message, accepted, within: { line, column } }];
    }),
  ];
}
