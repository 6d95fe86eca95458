import { afterEach, expect, test, vi } from 'vitest';
import { createFactReader } from '../../src/chime/facts.ts';
import type { ChimeFactName } from '../../src/domain/facts.ts';
import { factsOf } from '../../src/policies/binding.ts';
import { embeddedPolicySet } from '../../src/policies/policy-set.ts';
import { bot, channel, requestOf, user } from '../policies/fixtures.ts';
import { countedReads } from './counted-reads.ts';

const scope = { channelArn: channel('board'), bearer: bot('service') };

/** Time that stands still until it is moved; the cache keeps time by `performance`. */
function stopTime() {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  vi.spyOn(performance, 'now').mockImplementation(() => Date.now());
}
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const names: ChimeFactName[] = [
  'member.membership',
  'approvers',
  ...(embeddedPolicySet().bindings.flatMap(factsOf) as ChimeFactName[]),
];
const people = ['isBanned alice', 'isModerator alice', 'membership alice'];
const settings = ['admins', 'channel', 'moderators'];

test('without a TTL every evaluation reads everything anew', async () => {
  const { reads, calls } = countedReads();
  const reader = createFactReader(reads, 0);
  for (let round = 0; round < 2; round++) {
    await reader.read(requestOf(), names, scope);
    expect(new Set(calls())).toEqual(new Set([...people, ...settings]));
  }
});

test('with one the channel and the rosters are remembered that long, and people never', async () => {
  stopTime();
  const { reads, calls } = countedReads();
  const reader = createFactReader(reads, 1_000);
  await reader.read(requestOf(), names, scope);
  calls();
  vi.advanceTimersByTime(990);
  await reader.read(requestOf(), names, scope);
  expect(new Set(calls())).toEqual(new Set(people));
  vi.advanceTimersByTime(20);
  await reader.read(requestOf(), names, scope);
  expect(new Set(calls())).toEqual(new Set([...people, ...settings]));
});

test('a remembered fact keeps the time at which it was read', async () => {
  stopTime();
  const reader = createFactReader(countedReads().reads, 1_000);
  const first = await reader.read(requestOf(), ['channel'], scope);
  vi.advanceTimersByTime(500);
  expect((await reader.read(requestOf(), ['channel'], scope)).channel).toEqual(first.channel);
});

test('channels are remembered apart', async () => {
  const { reads, calls } = countedReads();
  const reader = createFactReader(reads, 1_000);
  await reader.read(requestOf(), ['channel', 'approvers'], scope);
  await reader.read(requestOf(), ['channel', 'approvers'], { ...scope, channelArn: channel('other') });
  expect(calls()).toEqual(['admins', 'channel', 'channel', 'moderators', 'moderators']);
});

test('a failure is thrown as it came, and not remembered', async () => {
  const { reads } = countedReads();
  const failure = new Error('unavailable');
  let failures = 1;
  const flaky = {
    ...reads,
    channel: async (s: typeof scope) => (failures-- > 0 ? Promise.reject(failure) : reads.channel(s)),
  };
  const reader = createFactReader(flaky, 1_000);
  await expect(reader.read(requestOf(), ['channel'], scope)).rejects.toBe(failure);
  await expect(reader.read(requestOf(), ['channel'], scope)).resolves.toHaveProperty('channel');
});

test('offices are those of this moment, whatever is remembered', async () => {
  const { reads, calls } = countedReads({ admins: ['ada'], moderators: ['ada', 'mona'] });
  const reader = createFactReader(reads, 60_000);
  await reader.read(requestOf(), names, scope);
  calls();
  expect(await reader.offices(user('ada'), scope)).toEqual(['channel_moderator', 'app_instance_admin']);
  expect(await reader.offices(user('mona'), scope)).toEqual(['channel_moderator']);
  expect(await reader.offices(user('eve'), scope)).toEqual([]);
  const each = ['ada', 'eve', 'mona'].map((name) => `isModerator ${name}`);
  expect(calls()).toEqual(['admins', 'admins', 'admins', ...each]);
});
