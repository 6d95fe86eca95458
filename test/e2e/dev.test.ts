import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { admit, admitProcess, firstLine, startAdmit } from '../support/admit.ts';

// The whole of `npm run dev`, as a person uses it: in a folder of its own, with the CLI beside it.
interface Ready {
  temporal: string;
  ui: string;
  emulator: string;
  appInstanceArn: string;
  users: Record<string, string>;
}

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'admission-dev-'));
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

const env = { TEMPORAL_ADDRESS: undefined };
const run = (args: readonly string[], by = admit) => by([...args, '--json'], { cwd, env });

async function dev() {
  const child = startAdmit(['dev', '--json'], { cwd, env });
  const ready = JSON.parse(await firstLine(child)) as Ready;
  return {
    ready,
    async interrupt() {
      child.kill('SIGINT');
      const [code] = (await once(child, 'exit')) as [number | null];
      return code;
    },
  };
}

test('dev is found by commands in its folder, and keeps requests and members across a restart', async () => {
  const first = await dev();
  const { appInstanceArn, users } = first.ready;
  const ask = (channel: string, by = admit) =>
    run(['join', '--channel', `${appInstanceArn}/channel/${channel}`, '--member', users['alice'] ?? ''], by);
  expect((await ask('lobby', admitProcess)).code).toBe(0);
  const pending = await ask('board');
  expect(pending.code).toBe(4);
  const { id, uiUrl } = pending.json<{ id: string; uiUrl: string }>();
  expect(uiUrl).toContain(first.ready.ui);
  expect((await fetch(first.ready.ui)).ok).toBe(true);
  const second = await admitProcess(['dev', '--json'], { cwd, env });
  expect(second.json()).toMatchObject({ error: { code: 'StartFailed', message: expect.stringContaining('running') } });
  expect(await first.interrupt()).toBe(0);
  await expect(fetch(first.ready.emulator)).rejects.toThrow('fetch failed');

  const again = await dev();
  try {
    expect((await run(['review', id, '--approve', '--as', users['mona'] ?? ''])).code).toBe(0);
    await expect
      .poll(async () => (await run(['show', id])).json())
      .toMatchObject({ outcome: 'joined', invitedBy: users['mona'] });
    expect((await ask('lobby')).json()).toMatchObject({ outcome: 'alreadyMember' });
  } finally {
    expect(await again.interrupt()).toBe(0);
  }
});
