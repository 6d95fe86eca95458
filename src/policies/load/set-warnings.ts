import type { PolicyBinding } from '../binding.ts';
import { builtIns } from '../built-ins.ts';
import type { PolicySet } from '../policy-set.ts';
import type { Problem } from './load-issue.ts';

/** What may be meant and is probably not: only what is sure to be so, whatever is asked. */
export function setWarnings({ bindings, defaultVerdict }: PolicySet): Problem[] {
  const every = defaultVerdict === 'deny' ? 'every request is denied' : 'every request waits for one approval';
  const enforced = bindings.filter(({ enforcement }) => enforcement === 'Enforce');
  const warnings = bindings.flatMap(bindingWarnings);
  if (bindings.length === 0) return [{ path: ['bindings'], message: `there are no bindings: ${every}` }];
  if (enforced.length === 0) return [{ path: ['bindings'], message: `no binding is enforced: ${every}` }, ...warnings];
  if (defaultVerdict === 'deny' && enforced.every(neverAdmits)) {
    return [
      { path: ['bindings'], message: 'no enforced binding can ever allow: every request is denied' },
      ...warnings,
    ];
  }
  return warnings;
}

const COUNTS_FOR_NOTHING = {
  Off: 'is Off: the binding is never evaluated',
  Warn: 'is Warn: what the binding says is shown, and counts for nothing',
  Audit: 'is Audit: what the binding says is recorded, and counts for nothing',
};

function bindingWarnings(binding: PolicyBinding, index: number): Problem[] {
  const { enforcement, matchConditions } = binding;
  const never = matchConditions.findIndex(isFalse);
  return [
    ...(enforcement === 'Enforce'
      ? []
      : [{ path: ['bindings', index, 'enforcement'], message: COUNTS_FOR_NOTHING[enforcement] }]),
    ...(never < 0
      ? []
      : [{ path: ['bindings', index, 'matchConditions', never, 'expression'], message: 'the binding never applies' }]),
    ...(allowsAll(binding)
      ? [
          {
            path: ['bindings', index, 'params', 'allowWhen'],
            message: 'allows every request that nothing else refuses',
          },
        ]
      : []),
  ];
}

function allowsAll({ policy, params, matchConditions, enforcement }: PolicyBinding): boolean {
  if (policy.id !== 'expression' || !builtIns.includes(policy)) return false;
  const { allowWhen } = params as { allowWhen?: string };
  return enforcement === 'Enforce' && matchConditions.length === 0 && allowWhen?.trim() === 'true';
}

function isFalse({ program }: PolicyBinding['matchConditions'][number]): boolean {
  return program.source.trim() === 'false';
}

/** Policies that only ever object. */
const OBJECTORS = ['ban', 'sub-channel', 'screening', 'cooling-off', 'term'];

function neverAdmits({ policy, failurePolicy, matchConditions }: PolicyBinding): boolean {
  // What fails and is escalated may be approved.
  const objects = builtIns.includes(policy) && OBJECTORS.includes(policy.id) && failurePolicy !== 'Escalate';
  return objects || matchConditions.some(isFalse);
}
