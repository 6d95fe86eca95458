import { CHIME_ROLES } from '../domain/requirement.ts';
import type { Flow } from '../domain/onboarding/flow.ts';
import { schemaProblems } from '../json-schema/bounded.ts';
import type { Problem } from '../yaml/problem.ts';
import { approversIn } from '../policies/params.ts';
import { ownRolesIn, reviewerExpression } from '../policies/roster.ts';

/** Whether a policy of the set provides a fact of this name, which then is a role. */
export type HasRole = (name: string) => boolean;

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
