import { isRefusal } from '../../domain/commands.ts';
import type { CommandOf, Refusal } from '../../domain/commands.ts';
import { parseJoinRequest } from '../../schemas/join-request.ts';
import type { JoinRequest } from '../../domain/request.ts';
import type { Handled } from '../end.ts';
import type { Run } from '../run.ts';
import { tellPeople } from '../telling.ts';
import { deedOf, prove } from '../verification.ts';
import { askAgain } from './again.ts';

/** Changes what is asked. The policies are asked again, and earlier reviews count no more. */
export async function amend(command: CommandOf<'amend'>, run: Run): Promise<Handled> {
  const { record } = run;
  const amended = amendedRequest(record.view.request, command.changes);
  if (isRefusal(amended)) return { answer: amended };
  const verified = await prove('amend', command, record);
  if (isRefusal(verified)) return { answer: verified };
  const what = `amended ${Object.keys(command.changes).join(', ')}`;
  const handled = await askAgain(run, { request: amended }, ({ requestDigest }) =>
    record.note({ ...deedOf(command, verified), what }, { request: amended, requestDigest }),
  );
  if (handled.end?.result === 'evaluated') await tellPeople('amended', run);
  return handled;
}

function amendedRequest(request: JoinRequest, changes: CommandOf<'amend'>['changes']): JoinRequest | Refusal {
  const entries = Object.entries({ ...request, ...changes }).filter(([, value]) => value !== null);
  const parsed = parseJoinRequest(Object.fromEntries(entries));
  if (!parsed.ok) {
    const [issue] = parsed.issues;
    return { code: 'InvalidRequest', message: issue?.message ?? 'not a request', ...issue };
  }
  if (same(parsed.value, request)) {
    return { code: 'NothingChanges', message: 'The request says that already.', field: 'changes' };
  }
  return parsed.value;
}

function same(a: JoinRequest, b: JoinRequest): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]) as Set<keyof JoinRequest>;
  return [...names].every((name) => a[name] === b[name]);
}
