import type { Refusal } from '../domain/refusal.ts';
import { isRefusal } from '../domain/refusal.ts';
import type { Checked, Command } from '../domain/join/commands.ts';
import type { JoinCall } from '../domain/join/refuse.ts';
import { parseJoinRequest } from '../schemas/join-request.ts';
import { quickThenFirm } from './engine/check.ts';

/** In several steps, until one activity, `checkCommand`, does all of this; what needs a schema leaves the sandbox with it. */
export async function check(call: JoinCall | undefined, given: Command): Promise<Checked | Refusal> {
  if (!call || given.name === 'look' || given.name === 'reevaluate') return {};
  const { name, command } = given;
  const { actor, ...payload } = command;
  const { workflowId, subject, requestedAt, standing, admin, amend, inputSchema, roster } = call;
  let amended;
  if (given.name === 'amend' && amend) {
    const entries = Object.entries({ ...amend, ...given.command.changes }).filter(([, value]) => value !== null);
    const parsed = parseJoinRequest(Object.fromEntries(entries));
    if (!parsed.ok) {
      const [issue] = parsed.issues;
      return { code: 'InvalidRequest', message: issue?.message ?? 'not a request', ...issue };
    }
    const names = new Set([...Object.keys(parsed.value), ...Object.keys(amend)]) as Set<keyof typeof amend>;
    if ([...names].every((one) => parsed.value[one] === amend[one])) {
      return { code: 'NothingChanges', message: 'The request says that already.', field: 'changes' };
    }
    amended = parsed.value;
  }
  const verified = await quickThenFirm('Check who gives the command', (proxy) =>
    proxy.verifyActor({ actor, command: name, workflowId, payload, subject, requestedAt, standing }),
  );
  if (isRefusal(verified)) return verified;
  if (admin && !verified.roles.includes('app_instance_admin')) {
    return { code: 'NotAnAdmin', message: 'Only an admin of the app instance may do this.', field: 'actor.principal' };
  }
  let answers;
  if (given.name === 'submitInput' && inputSchema) {
    const checked = await quickThenFirm('Check the answers', (proxy) =>
      proxy.checkAnswers({ schema: inputSchema, answers: given.command.answers }),
    );
    if (isRefusal(checked)) return checked;
    ({ answers } = checked);
  }
  let people;
  if (given.name === 'reassign' && roster && standing) {
    const { to } = given.command;
    const { request } = standing;
    const { approvers, ...by } = roster;
    const found = await quickThenFirm('Read who could review', (proxy) =>
      proxy.readRoster({ request, approvers: [...approvers, to], to, ...by }),
    );
    if (isRefusal(found)) return found;
    people = found;
  }
  const { requestDigest: _digest, ...checked } = verified;
  return {
    ...checked,
    ...(amended ? { amended } : {}),
    ...(answers ? { answers } : {}),
    ...(people ? { roster: people } : {}),
  };
}
