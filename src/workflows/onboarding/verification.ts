import type { CheckContext, Checked } from '../../domain/checked.ts';
import type { OnboardingCommandName, OnboardingCommandOf, UncheckedCommand } from '../../domain/onboarding/commands.ts';
import { aboutOf } from '../../domain/onboarding/subject.ts';
import type { JoinRequest } from '../../domain/request.ts';
import { isRefusal } from '../../domain/refusal.ts';
import type { Refusal } from '../../domain/refusal.ts';
import type { Approvers } from '../../domain/requirement.ts';
import { localFirst, REPLAYED } from '../local-first.ts';
import type { Run } from './run.ts';

/**
 * Reads a command in full, and finds out who gives it. Each proof counts once. `mayRepeat`: the same proof may come again, for
 * a command that was taken already.
 */
export async function verify<N extends OnboardingCommandName>(
  { name, command: input }: UncheckedCommand & { readonly name: N },
  run: Run,
  { mayRepeat = false, ...context }: CheckContext & { readonly mayRepeat?: boolean },
): Promise<Checked<OnboardingCommandOf<N>> | Refusal> {
  const { id: workflowId, requestedAt } = run.record;
  const subject = aboutOf(name, input, run.record) ?? run.onboarding.subject;
  const call = { of: 'onboarding', name, input, workflowId, subject, requestedAt, ...context } as const;
  const checked = await localFirst('Check who gives the command, and their office', (proxy) =>
    proxy.checkCommand(call),
  );
  if (isRefusal(checked)) return checked;
  if (run.isUsed(checked.assertion) && !mayRepeat) return REPLAYED;
  return checked.refusal ?? (checked as Checked<OnboardingCommandOf<N>>);
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
