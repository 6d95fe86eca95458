import { CREATE, DELETE } from './scenario.ts';
import { BY_HAND } from './stage.ts';
import type { Stage } from './stage.ts';

/** Everything of a request's end that must not depend on who did the work: no times, no ids, and the member by one name. */
export async function endOf(stage: Stage) {
  const { member } = stage;
  const view = await stage.end();
  const end = {
    outcome: view.outcome,
    reason: view.reason,
    error: view.error && { ...view.error, requestId: typeof view.error.requestId },
    bearer: view.bearer,
    invitedBy: view.invitedBy,
    grant: view.grant && { type: view.grant.type, invitedBy: view.grant.invitedBy },
    termMs: view.term && Date.parse(view.term.endsAt) - Date.parse(view.term.startedAt),
    decisions: view.decisions.map(({ binding, evaluation, action }) => [binding, evaluation, action]),
    answers: view.answers.map(({ by, binding, answers }) => ({ by, binding, answers })),
    notes: view.notes.map(({ by, what, reason }) => ({ by, what, reason })),
    reviews: view.approvals.map(({ reviewer, decision, reviewId = 'none' }) => [
      reviewer,
      decision,
      reviewId.slice(0, 8),
    ]),
    stages: view.panel?.requirements.map(({ stages }) =>
      stages.map(({ status, approvedBy, actionsDone }) => ({ status, approvedBy, actionsDone })),
    ),
    left: [view.inputs, view.incident?.during, view.extension],
    membership: await membershipOf(stage),
  };
  const text = JSON.stringify(end)
    .replaceAll(member, 'member')
    .replaceAll(/arn:[^"]*?\/(?:user|bot)\/([a-z-]+?)(?:-[0-9a-f]{8})?(?=")/g, '$1')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME');
  return JSON.parse(text) as Record<string, unknown>;
}

/** Who invited the member who is there now; nobody where there is none. */
export async function membershipOf({ emulator, channelArn, member: memberArn }: Stage): Promise<string | undefined> {
  const answer = await fetch(`${emulator.url}/_emulator/state`);
  const { channels } = (await answer.json()) as {
    channels: { id: string; members: { id: string; invitedBy?: string }[] }[];
  };
  const channel = channels.find((one) => one.id === id(channelArn));
  const invitedBy = channel?.members.find((one) => one.id === id(memberArn))?.invitedBy;
  return invitedBy === id(memberArn) ? 'member' : invitedBy?.replace(/-[0-9a-f]{8}$/, '');
}

const id = (arn: string) => arn.split('/').at(-1);

/** The statuses of our calls that added or removed the member; 0 is one that nobody lived to hear the answer of. */
export async function writes({ emulator, member }: Stage) {
  const ours = async (operation: string) => {
    const calls = await emulator.calls(operation, member);
    return calls.filter(({ bearer }) => bearer !== emulator.user(BY_HAND)).map(({ status }) => status);
  };
  return { creates: await ours(CREATE), deletes: await ours(DELETE) };
}
