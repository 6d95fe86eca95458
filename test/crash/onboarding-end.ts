import { createOnboardingService } from '../../src/service/onboarding.ts';
import { membershipOf } from './end.ts';
import { must } from './stage.ts';
import type { Stage } from './stage.ts';

/** Everything of an onboarding's end that must not depend on who did the work: no times, no ids, and the member by one name. */
export async function endOfOnboarding(stage: Stage) {
  const service = createOnboardingService({ client: stage.client, taskQueue: stage.taskQueue, bearers: [] });
  const { outcome, percent, steps, grants, notes, incident, error } = must(await service.show(stage.id));
  const end = {
    outcome,
    percent,
    steps: steps.map(({ id, status, tries, child, answers, error: failed }) => {
      return { id, status, tries, request: child?.outcome, answers: answers?.answers, error: failed };
    }),
    grants: grants.map(({ step, grant: { type, invitedBy }, settled }) => ({ step, type, invitedBy, settled })),
    notes: notes.map(({ what, by }) => ({ what, by })),
    left: [incident, error],
  };
  return JSON.parse(JSON.stringify(end).replaceAll(stage.member, 'member')) as Record<string, unknown>;
}

/** Who invited the member of each channel whose member they are. */
export async function membershipsOf(stage: Stage): Promise<Record<string, string>> {
  const channels = ['lobby', 'square', 'board', 'guild'];
  const found = await Promise.all(
    channels.map(async (name) => {
      const invitedBy = await membershipOf({ ...stage, channelArn: stage.emulator.channel(name) });
      return invitedBy === undefined ? [] : [[name, invitedBy]];
    }),
  );
  return Object.fromEntries(found.flat());
}

/** How often the flow's message about the member was sent. */
export async function messagesAbout({ emulator, member }: Stage): Promise<number> {
  const channelArn = encodeURIComponent(emulator.channel('square'));
  const answer = await fetch(`${emulator.url}/_emulator/messages?channelArn=${channelArn}`);
  const messages = (await answer.json()) as { content: string }[];
  return messages.filter(({ content }) => content.includes(member.split('/').at(-1) ?? '')).length;
}
