import { advance } from '../../src/domain/onboarding/advance.ts';
import type { ChildView } from '../../src/domain/onboarding/children.ts';
import { instantiate, readFlow, sampleParams } from '../../src/schemas/read-flow.ts';
import { parseOnboarding } from '../../src/domain/onboarding/input.ts';
import type { OnboardingRecord } from '../../src/domain/onboarding/state.ts';
import { newRecord, prepared } from '../../src/domain/onboarding/view.ts';

export const HOME = 'arn:aws:chime:us-east-1:111122223333:app-instance/home';
export const channel = (id: string) => `${HOME}/channel/${id}`;
export const user = (id: string) => `${HOME}/user/${id}`;

export const START = Date.parse('2026-01-01T00:00:00.000Z');
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** A flow of the given steps. */
export const flowOf = (steps: readonly object[], more: object = {}) => ({
  apiVersion: 'onboarding/v1',
  name: 'test-flow',
  steps,
  ...more,
});

export const join = (id: string, more: object = {}) => ({ id, kind: 'join', channelArn: channel(id), ...more });
export const message = (id: string, more: object = {}) => ({
  id,
  kind: 'message',
  channelArn: channel('lobby'),
  text: 'hi',
  ...more,
});
export const wait = (id: string, more: object = { for: '1d' }) => ({ id, kind: 'wait', ...more });
export const approval = (id: string, more: object = {}) => ({
  id,
  kind: 'approval',
  channelArn: channel('lobby'),
  requirement: { approvers: { roles: ['channel_moderator'] }, approve: 1 },
  ...more,
});
export const form = (id: string, more: object = {}) => ({
  id,
  kind: 'input',
  prompt: 'Which role?',
  schema: { type: 'object', properties: { role: { type: 'string' } }, required: ['role'] },
  ...more,
});

/** A record that is past its preparation, with nothing begun. */
export function recordOf(steps: readonly object[], more: object = {}): OnboardingRecord {
  const read = parseOnboarding({ flow: 'test-flow', member: user('alice'), requestedBy: user('mona') });
  if (!read.ok) throw new Error(JSON.stringify(read.issues));
  const made = instantiate(flowOf(steps, more), read.value.subject);
  if (!made.ok) throw new Error(JSON.stringify(made.issues));
  const record = newRecord(read.value, { id: 'onboard:test', runId: 'run', at: new Date(START).toISOString() });
  return prepared(record, { ...made.value, memberName: 'alice' });
}

export const iso = (at: number) => new Date(at).toISOString();
/** With everything done that is due at that time. */
export const at = (record: OnboardingRecord, time: number) => advance(record, time).record;
export const deed = { by: user('ada'), at: iso(START), verified: true, reason: 'so' };
export const GRANT = { type: 'DEFAULT', invitedBy: user('mona'), createdAt: iso(START) } as const;
export const child = (id: string) => ({ id: `join:${id}`, firstRunId: 'first', state: 'open' as const });
export const joined: ChildView = { state: 'closed', outcome: 'joined', grant: GRANT };

/** What is wrong with a flow: place and message. */
export function problems(flow: unknown): string[] {
  const read = readFlow(flow, sampleParams(flow));
  return read.ok ? [] : read.problems.map(({ path, message: text }) => `${path.map(String).join('.')}: ${text}`);
}
