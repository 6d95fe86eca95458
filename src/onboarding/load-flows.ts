import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ACCEPTED_IN_FLOW, Flow } from '../schemas/flow.ts';
import { readFlow } from '../schemas/read-flow.ts';
import type { Explain } from '../schemas/read-flow.ts';
import { sampleParams } from '../schemas/read-flow.ts';
import { digestOf } from '../identity/digest.ts';
import type { LoadIssue } from '../yaml/problem.ts';
import { readYamlFile } from '../yaml/yaml-file.ts';
import { problemsOf } from '../yaml/zod-problems.ts';
import { checkFlow } from './check-flow.ts';
import type { HasRole } from './check-flow.ts';
import type { ConfiguredFlow } from './flows.ts';

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
  const problems = read.ok ? await checkFlow(written, hasRole) : read.problems;
  if (!read.ok || problems.length > 0) return { ok: false, issues: problems.map(issue) };
  const { flow } = read;
  const nameIssue = (message: string) => issue({ path: ['name'], message, accepted: 'a name of its own' });
  return { ok: true, value: { name: flow.name, written, flow, digest: digestOf(written), file, nameIssue } };
}

const explain: Explain = (error, value) => problemsOf(error, value, { schema: Flow, accepted: ACCEPTED_IN_FLOW });

function twiceNamed(flows: readonly ReadFile[]): LoadIssue[] {
  return flows.flatMap(({ name, nameIssue }, index) => {
    const first = flows.findIndex((one) => one.name === name);
    return first < index ? [nameIssue(`there is another flow ${name}, in ${flows[first]?.file}`)] : [];
  });
}
