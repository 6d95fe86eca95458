import type { Verified, VerifyCall } from '../activities/actors.ts';
import { isRefusal } from '../domain/commands.ts';
import type { ActorCommandName, CommandOf, Refusal } from '../domain/commands.ts';
import type { Approvers, Candidate } from '../domain/requirement.ts';
import { subjectOf } from '../domain/subject.ts';
import type { Deed } from '../domain/view.ts';
import { activities } from './activity-options.ts';
import { localFirst, NOT_AN_ADMIN, REPLAYED } from './local-first.ts';
import type { Record } from './record.ts';

/** Whether the actor is who they say, which needs nothing of Chime. Each proof counts once. */
export async function prove<N extends ActorCommandName>(
  name: N,
  command: CommandOf<N>,
  record: Record,
): Promise<Verified | Refusal> {
  return check({ name, command, standing: null, summary: 'Check who gives the command' }, record);
}

/**
 * The same, and what the actor is on the channel now, also for `approvers`. An outage is a refusal that says so, never a
 * guess. `mayRepeat`: the same proof may come again, for a command that was taken already.
 */
export async function verify<N extends ActorCommandName>(
  name: N,
  command: CommandOf<N>,
  record: Record,
  { approvers = [], mayRepeat = false }: { approvers?: readonly Approvers[]; mayRepeat?: boolean } = {},
): Promise<Verified | Refusal> {
  const standing = { request: record.view.request, approvers };
  return check(
    { name, command, standing, summary: 'Check who gives the command, and their office', mayRepeat },
    record,
  );
}

/** The same, for what only admins of the app instance may do. */
export async function verifyAdmin<N extends ActorCommandName>(
  name: N,
  command: CommandOf<N>,
  record: Record,
): Promise<Verified | Refusal> {
  const verified = await verify(name, command, record);
  if (isRefusal(verified) || verified.roles.includes('app_instance_admin')) return verified;
  return NOT_AN_ADMIN;
}

interface Check<N extends ActorCommandName> {
  readonly name: N;
  readonly command: CommandOf<N>;
  readonly standing: VerifyCall['standing'];
  readonly summary: string;
  readonly mayRepeat?: boolean;
}

async function check<N extends ActorCommandName>(
  { name, command, standing, summary, mayRepeat = false }: Check<N>,
  { view, memory }: Record,
): Promise<Verified | Refusal> {
  const { actor, ...payload } = command;
  const { id: workflowId, requestedAt } = view;
  const subject = subjectOf(name, payload, view);
  const call: VerifyCall = { actor, command: name, workflowId, payload, subject, requestedAt, standing };
  const verified = await localFirst(summary, (proxy) => proxy.verifyActor(call));
  if (isRefusal(verified)) return verified;
  const isUsed = memory.use(verified.assertion);
  return isUsed && !mayRepeat ? REPLAYED : verified;
}

/** What earlier reviewers are now, in their order. */
export async function confirm(principals: readonly string[], approvers: readonly Approvers[], { view }: Record) {
  const call = { principals, request: view.request, approvers };
  return localFirst(CONFIRM, (proxy) => proxy.confirmStandings(call));
}

/** The same where nobody waits for an answer: as patiently as facts are read. */
export async function confirmPatiently(
  principals: readonly string[],
  approvers: readonly Approvers[],
  { view }: Record,
) {
  return activities(CONFIRM).confirmStandings({ principals, request: view.request, approvers });
}

/** Everybody who could review for `approvers`, and for `to`, whom a command names just now. */
export async function roster(
  approvers: readonly Approvers[],
  { view }: Record,
  to?: Approvers,
): Promise<readonly Candidate[] | Refusal> {
  const asker = view.extension ? { askedBy: view.extension.by } : {};
  const call = {
    request: view.request,
    approvers: [...approvers, ...(to ? [to] : [])],
    ...asker,
    ...(to ? { to } : {}),
  };
  return localFirst('Read who could review', (proxy) => proxy.readRoster(call));
}

const CONFIRM = 'Check the offices of the earlier reviewers again';

/** Who did something now. */
export function deedOf(command: { actor: { principal: string } }, { verified }: Verified): Deed {
  return { by: command.actor.principal, at: new Date().toISOString(), verified };
}
