import { ACCEPTED_IN_FLOW, Flow, readFlow, sampleParams } from '../domain/onboarding/flow.ts';
import type { Explain, FlowProblem } from '../domain/onboarding/flow.ts';
import { digestOf } from '../identity/digest.ts';
import { schemaProblems } from '../json-schema/bounded.ts';
import type { LoadIssue, Problem } from '../policies/load/load-issue.ts';
import { readYamlFile } from '../policies/load/yaml-file.ts';
import { problemsOf } from '../policies/load/zod-problems.ts';

export type LoadedFlow =
  /** `written`: as the file has it, which is what an onboarding starts with. `flow`: read with samples for its params. */
  | { readonly ok: true; readonly written: unknown; readonly flow: Flow; readonly digest: string }
  | { readonly ok: false; readonly issues: readonly LoadIssue[] };

/** Loads a flow from a YAML file, or gives everything that is wrong with it, with its line. */
export async function loadFlow(file: string): Promise<LoadedFlow> {
  const parsed = await readYamlFile(file);
  if (!parsed.ok) return parsed;
  const { value, issue } = parsed.yaml;
  const read = readFlow(value, sampleParams(value), explain);
  if (!read.ok) return { ok: false, issues: read.problems.map((problem) => issue(asProblem(problem))) };
  const problems = await flowSchemaProblems(read.flow);
  if (problems.length > 0) return { ok: false, issues: problems.map(issue) };
  return { ok: true, written: value, flow: read.flow, digest: digestOf(value) };
}

/** What in the schemas of a flow would not be kept. */
export async function flowSchemaProblems({ steps }: Pick<Flow, 'steps'>): Promise<Problem[]> {
  const found = steps.map(async (step, index): Promise<Problem[]> => {
    const problems = step.kind === 'input' ? await schemaProblems(step.schema) : [];
    return problems.map((problem) => ({ ...problem, path: ['steps', index, 'schema', ...problem.path] }));
  });
  return (await Promise.all(found)).flat();
}

const explain: Explain = (error, value) => problemsOf(error, value, { schema: Flow, accepted: ACCEPTED_IN_FLOW });

function asProblem({ path, message, accepted, ...rest }: FlowProblem): Problem {
  return { ...rest, path, message, ...(accepted === undefined ? {} : { accepted }) };
}
