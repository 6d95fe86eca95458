import { randomUUID } from 'node:crypto';
import { afterAll, expect, vi } from 'vitest';
import type { OnboardingCommandName, OnboardingCommandOf } from '../../src/domain/onboarding/commands.ts';
import type { OnboardingView } from '../../src/domain/onboarding/view.ts';
import { createOnboardingService } from '../../src/service/onboarding.ts';
import { clientsOf } from '../emulator/support.ts';
import { startAdmission, valueOf } from '../support/admission.ts';
import type { TestAdmission } from '../support/admission.ts';

export const PATIENCE = { timeout: 60_000, interval: 30 };

/** An admission system with onboardings, and what is done behind its back; ended after the file's tests. */
export async function startOnboardings(settings: Record<string, string> = {}) {
  const admission = await startAdmission(settings);
  afterAll(() => admission.close());
  return onboardingsOf(admission);
}

export async function onboardingsOf(admission: TestAdmission) {
  const { client, taskQueue, emulator, flows, env } = admission;
  const chime = clientsOf(emulator.url);
  const onboarding = createOnboardingService({
    client,
    taskQueue,
    bearers: [emulator.bearer],
    idKey: env['ADMISSION_ID_KEY'],
  });
  // Only members of a channel may write to it.
  for (const name of ['lobby', 'board']) {
    const [ChannelArn, MemberArn] = [emulator.channel(name), emulator.bearer];
    await chime.messaging.createChannelMembership({ ChannelArn, MemberArn, Type: 'DEFAULT', ChimeBearer: MemberArn });
  }
  const show = async (id: string) => valueOf(await onboarding.show(id));
  return {
    ...admission,
    chime,
    onboarding,
    show,

    /** Starts a flow of these steps that the worker has, by moderator mona for a member whom no other test knows. */
    started: async (steps: readonly object[], more: { member?: string; requestedBy?: string; flow?: object } = {}) => {
      const name = `flow-${randomUUID().slice(0, 8)}`;
      const flow = { apiVersion: 'onboarding/v1', name, steps, ...more.flow };
      const member = more.member ?? (await emulator.newUser(`user-${randomUUID().slice(0, 8)}`));
      const requestedBy = more.requestedBy ?? emulator.user('mona');
      const { id } = valueOf(await onboarding.start({ flow: flows.add(flow), member, requestedBy }));
      return { id, member, flow, requestedBy };
    },

    /** Waits until it is as described. */
    reaches: async (id: string, expected: object): Promise<OnboardingView> => {
      await vi.waitFor(async () => expect(await show(id)).toMatchObject(expected), PATIENCE);
      return show(id);
    },

    give: async <N extends OnboardingCommandName>(id: string, name: N, by: string, fields: object) => {
      const command = { ...fields, actor: { principal: by } } as unknown as OnboardingCommandOf<N>;
      return onboarding.give(id, name, command);
    },

    /** The type of a membership, as an admin sees it. */
    membership: async (channelArn: string, member: string): Promise<string | null> => {
      const about = { ChannelArn: channelArn, MemberArn: member, ChimeBearer: emulator.user('ada') };
      return chime.messaging.describeChannelMembership(about).then(
        ({ ChannelMembership }) => ChannelMembership?.Type ?? '',
        () => null,
      );
    },

    addByHand: async (channelArn: string, member: string) => {
      const about = { ChannelArn: channelArn, MemberArn: member, ChimeBearer: emulator.user('ada') };
      await chime.messaging.createChannelMembership({ ...about, Type: 'DEFAULT' });
    },

    messages: async (channelArn: string): Promise<{ content: string; sender: string }[]> => {
      const answer = await fetch(`${emulator.url}/_emulator/messages?channelArn=${encodeURIComponent(channelArn)}`);
      return (await answer.json()) as { content: string; sender: string }[];
    },
  };
}
