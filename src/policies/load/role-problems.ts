import { isHostFact } from '../../domain/facts.ts';
import { CHIME_ROLES } from '../../domain/requirement.ts';
import type { PolicyBinding } from '../binding.ts';
import { builtIns } from '../built-ins.ts';
import { acceptedNames } from '../cel/suggest.ts';
import { approversIn } from '../params/approvers.ts';
import { ownRolesIn } from '../roster.ts';
import type { Problem } from './load-issue.ts';

/** Bindings that a requirement is to be distinct from, and that are not there; or its own. */
export function distinctProblems({ name, policy, params }: PolicyBinding, names: readonly string[]): Problem[] {
  const { distinctFrom = [] } = builtIns.includes(policy) ? (params as { distinctFrom?: readonly string[] }) : {};
  const others = names.filter((one) => one !== name);
  return distinctFrom.flatMap((one, index) => {
    if (others.includes(one)) return [];
    const message = one === name ? 'a binding cannot be distinct from itself' : `there is no binding ${one}`;
    return [{ path: ['params', 'distinctFrom', index], message, accepted: acceptedNames(one, others) }];
  });
}

/** The policies whose params describe people as requirements do. */
const ASKING = ['approval', 'expression'];

/** Roles that are neither offices of Chime nor facts that a policy of the set provides. `facts`: all that there are. */
export function roleProblems({ policy, params }: PolicyBinding, facts: readonly string[]): Problem[] {
  if (!builtIns.includes(policy) || !ASKING.includes(policy.id)) return [];
  const known = [...CHIME_ROLES, ...facts.filter((name) => !isHostFact(name))];
  return approversIn(params).flatMap(({ path, approvers }) =>
    ownRolesIn([approvers])
      .filter((role) => !known.includes(role))
      .map((role) => ({
        path: ['params', ...path, 'roles', approvers.roles?.indexOf(role) ?? 0],
        message: `unknown role ${role}: it is no office of Chime, and no policy of the set provides it`,
        accepted: acceptedNames(role, known),
      })),
  );
}
