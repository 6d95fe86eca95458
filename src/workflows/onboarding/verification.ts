import type { Verified, VerifyCall } from '../../activities/actors.ts';
import type { OnboardingCommand } from '../../domain/onboarding/commands.ts';
import { aboutOf } from '../../domain/onboarding/subject.ts';
import type { JoinRequest } from '../../domain/request.ts';
import { isRefusal } from '../../domain/refusal.ts';
import type { Refusal } from '../../domain/refusal.ts';
import type { Approvers } from '../../domain/requirement.ts';
import { localFirst, NOT_AN_ADMIN, REPLAYED } from '../local-first.ts';
import type { Run } from './run.ts';

/** Whether who gives a command is who they say, and what they hold now, where that is asked for; each proof counts once. */
export async function verify(
  { name, command }: OnboardingCommand,
  run: Run,
  { standing = null, mayRepeat = false }: { standing?: VerifyCall['standing']; mayRepeat?: boolean } = {},
): Promise<Verified | Refusal> {
  const { actor, ...payload } = command;
  const { id: workflowId, requestedAt } = run.record;
  const subject = aboutOf(name, payload, run.record) ?? run.onboarding.subject;
  const call = { actor, command: name, workflowId, payload, subject, requestedAt, standing };
  const verified = await localFirst('Check who gives the command, and their office', (proxy) =>
    proxy.verifyActor(call),
  );
  if (isRefusal(verified)) return verified;
  return run.isUsed(verified.assertion) && !mayRepeat ? REPLAYED : verified;
}

/** The same, for what only admins of the app instance may do; `unless` somebody may it anyway. */
export async function verifyAdmin(
  given: OnboardingCommand,
  run: Run,
  unless: readonly string[] = [],
): Promise<Verified | Refusal> {
  const verified = await verify(given, run, { standing: 'admin' });
  if (isRefusal(verified) || verified.roles.includes('app_instance_admin')) return verified;
  return unless.includes(given.command.actor.principal) ? verified : NOT_AN_ADMIN;
}

/** What earlier reviewers are now, in their order. */
export async function confirm(
  principals: readonly string[],
  approvers: readonly Approvers[],
  channelArn: string,
  run: Run,
) {
  const call = { principals, request: peopleOf(run, channelArn), approvers };
  return localFirst('Check the offices of the earlier reviewers again', (proxy) => proxy.confirmStandings(call));
}

/** Offices are read for a request: here one stands for the onboarding, with its people and one of its channels. */
export function peopleOf({ record: { member, requestedBy } }: Run, channelArn: string): JoinRequest {
  return { channelArn, memberArn: member.arn, requestedBy, type: 'DEFAULT' };
}
