import { CreateChannelMembershipCommand } from '@aws-sdk/client-chime-sdk-messaging';
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, test } from 'vitest';
import { createMessageActivities } from '../../src/activities/messages.ts';
import type { SendCall } from '../../src/activities/messages.ts';
import { scene, useScene } from './scene.ts';

useScene();

async function sent(text: string): Promise<string[]> {
  const { emulator, clients } = scene;
  const channelArn = emulator.channel('square');
  const about = {
    ChannelArn: channelArn,
    MemberArn: emulator.bearer,
    Type: 'DEFAULT',
    ChimeBearer: emulator.bearer,
  } as const;
  await clients.messaging.send(new CreateChannelMembershipCommand(about)).catch(() => undefined);
  const activities = createMessageActivities({ messaging: clients.messaging, bearers: [emulator.bearer] });
  await new MockActivityEnvironment().run((call: SendCall) => activities.sendMessage(call), {
    channelArn,
    text,
    messageId: text,
  });
  const answer = await fetch(`${emulator.url}/_emulator/messages?channelArn=${encodeURIComponent(channelArn)}`);
  return ((await answer.json()) as { content: string }[]).map(({ content }) => content);
}

test('a text that answers made longer than Chime takes is cut between two characters', async () => {
  const [content = ''] = await sent('ä🙂'.repeat(900));
  expect(content).toMatch(/^(ä🙂)+ä?…$/u);
  expect(Buffer.byteLength(content)).toBeLessThanOrEqual(4_096);
  expect(Buffer.byteLength(content)).toBeGreaterThan(4_080);
});

test('a text that is nothing but an answer that nobody gave is not sent, and fails nothing', async () => {
  const before = (await sent('here')).length;
  expect(await sent(' ')).toHaveLength(before);
});

test.each([{ kind: 'status', status: 200 }, { kind: 'empty' }, { kind: 'garbage' }])(
  'a message is sent once, and not believed to be where the answer says nothing: %j',
  async (fault) => {
    const before = (await sent('here')).length;
    const text = `after ${fault.kind}`;
    await scene.emulator.fault('SendChannelMessage', fault);
    await expect(sent(text)).rejects.toMatchObject({ nonRetryable: false });
    expect((await sent(text)).length).toBe(before + 1);
  },
);
