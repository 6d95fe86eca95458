import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { admit, endOf, startAdmit } from '../support/admit.ts';

const env = { TEMPORAL_ADDRESS: undefined };

test('the demo plays every scene, and exits 0', async () => {
  const ran = await admit(['demo'], { env });
  expect(ran.stderr).toBe('');
  expect(ran.code).toBe(0);
  for (const line of [
    'joined    InvitedBy alice',
    'pending   by privacy: 1 approval by channel_moderator or app_instance_admin',
    'joined    InvitedBy mona',
    'denied    by privacy, CALLER_NOT_ALLOWED',
    'denied    by privacy, OUTSIDER_INVITES',
    'Chime     no CreateChannelMembership',
    'lists     DEFAULT: alice; HIDDEN: bob',
    '429 (as carol), 429 (as carol), 201 (as carol)',
    'failed    ForbiddenException',
    'connection cut (as erin), 409 (as erin)',
    'incident  ForbiddenException',
    'Chime     CreateChannelMembership 403 (as mona), 201 (as mona)',
    'revoked   by host, TERM_ENDED',
    'Chime     DeleteChannelMembership 204 (as admission-bot)',
    'All 9 scenes went as they should',
  ]) {
    expect(ran.stdout).toContain(line);
  }
});

test('Ctrl-C in the middle of the demo leaves nothing running and nothing lying about', async () => {
  const temporary = await mkdtemp(join(tmpdir(), 'admission-demo-'));
  const child = startAdmit(['demo'], { env: { ...env, TMPDIR: temporary } });
  const ended = endOf(child);
  let shown = '';
  while (!shown.includes('1. ')) shown += String(await once(child.stdout, 'data'));
  const [, address] = /Temporal at (\S+) \(UI (\S+)\)/.exec(shown) ?? [];
  child.kill('SIGINT');
  expect((await ended).code).toBe(130);
  await expect(fetch(`http://${address}`)).rejects.toThrow('fetch failed');
  expect(await readdir(temporary)).toEqual([]);
  await rm(temporary, { recursive: true });
});
