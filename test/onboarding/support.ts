import { born } from '../../src/domain/onboarding/asked.ts';
import type { ChildView } from '../../src/domain/onboarding/children.ts';
import type { OnboardingCommand } from '../../src/domain/onboarding/commands.ts';
import type { Effect, Prepared } from '../../src/domain/onboarding/effects.ts';
import type { Checked } from '../../src/domain/onboarding/give.ts';
import type { Preparing, State } from '../../src/domain/onboarding/state.ts';
import { onboarding } from '../../src/domain/onboarding/transition.ts';
import type { Event } from '../../src/domain/onboarding/transition.ts';
import { viewOf } from '../../src/domain/onboarding/view.ts';
import { DEFAULT_RETRY } from '../../src/domain/settings.ts';
import type { RequestError } from '../../src/domain/view.ts';
import { instantiate, readFlow, sampleParams } from '../../src/schemas/read-flow.ts';

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

export const iso = (at: number) => new Date(at).toISOString();
export const [ALICE, MONA, ADA] = [user('alice'), user('mona'), user('ada')];
export const GRANT = { type: 'DEFAULT', invitedBy: MONA, createdAt: iso(START) } as const;
export const joined: ChildView = { state: 'closed', outcome: 'joined', grant: GRANT };

/** An onboarding of alice that mona asked for, as it begins. */
export function asked(more: Partial<Preparing> = {}): Preparing {
  const subject = { flow: 'test-flow', member: ALICE, requestedBy: MONA, params: {} };
  const about = { id: 'onboard:test', runId: 'run', firstRunId: 'run', requestedAt: iso(START) };
  return { ...born({ subject }, about), ...more };
}

/** Everything that is found before the first step of a flow. */
export function preparedOf(steps: readonly object[], more: object = {}): Prepared {
  const made = instantiate(flowOf(steps, more), { member: ALICE, params: {} });
  if (!made.ok) throw new Error(JSON.stringify(made.issues));
  const joins = made.value.flow.steps.filter(({ kind }) => kind === 'join');
  const limits = { expireAfterMs: 30 * DAY, validForMs: 60_000, commandsPerRun: 200 };
  return {
    ...made.value,
    flowDigest: 'f'.repeat(64),
    subjectDigest: 's'.repeat(64),
    memberName: 'alice',
    serviceBearer: user('bearer'),
    proof: { verified: true },
    settings: { ...limits, chimeTaskQueue: 'chime', retry: DEFAULT_RETRY, notify: true },
    requestIds: Object.fromEntries(joins.map(({ id }) => [id, `join:${id}`])),
    listedAs: { member: ALICE, parties: [] },
  };
}

/** An onboarding at its first step. */
export function begun(steps: readonly object[], more: object = {}): State {
  const effect = { do: 'prepare', key: 'prepare', lane: 'patient', stop: 'drop' } as const;
  return onboarding.transition(asked(), { kind: 'result', effect, value: preparedOf(steps, more) }, START).state;
}

/** One that is moved by hand, an event at a time. */
export function moved(first: State) {
  let state = first;
  let now = START;
  let given = 0;
  const apply = (event: Event) => {
    const step = onboarding.transition(state, event, now);
    ({ state } = step);
    return step;
  };
  const wanted = () => {
    const effect = onboarding.next(state, now);
    if (!effect) throw new Error('nothing is to be done');
    if (effect.stop === 'wait') apply({ kind: 'started', effect });
    return effect;
  };
  return {
    get state() {
      return state;
    },
    get view() {
      return viewOf(state);
    },
    get next() {
      return onboarding.next(state, now);
    },
    at(time: number) {
      now = time;
      return this;
    },
    /** The kinds of what people hear. */
    time(at: number): readonly string[] {
      now = at;
      const { outgoing = [] } = apply({ kind: 'time' });
      return outgoing.flatMap((one) => (one.to === 'people' ? [one.event.kind] : []));
    },
    /** The effect that is wanted comes to this. */
    comesTo(value: unknown) {
      apply({ kind: 'result', effect: wanted(), value } as Event);
      return this;
    },
    fails(error: RequestError = { type: 'X', message: 'x' }, retryable = false) {
      apply({ kind: 'failed', effect: wanted(), error, retryable });
      return this;
    },
    /** The request of a join step is started. */
    starts(step: string) {
      return this.comesTo({ firstRunId: `first-${step}` });
    },
    /** The effect that is wanted has begun. */
    starting() {
      wanted();
      return this;
    },
    result(effect: Effect | undefined, value: unknown) {
      apply({ kind: 'result', effect, value } as Event);
      return this;
    },
    hears(step: string, view: ChildView) {
      const { child } = viewOf(state).steps.find(({ id }) => id === step) ?? {};
      return this.hearsOf(step, child?.firstRunId ?? '', view);
    },
    hearsOf(step: string, firstRunId: string, view: ChildView) {
      apply({ kind: 'news', news: { what: 'ended', step, firstRunId, view } });
      return this;
    },
    hints(child: string, said = 'pending') {
      apply({ kind: 'news', news: { what: 'changed', child, state: said } });
      return this;
    },
    breaks(error: RequestError) {
      apply({ kind: 'broken', error });
      return this;
    },
    /** Gives a command as it was verified; its answer, if it has one yet. */
    give(name: OnboardingCommand['name'], fields: object = {}, by = ADA, checked: Partial<Checked> = {}) {
      const command = { name, command: { actor: { principal: by }, reason: 'so', ...fields } } as OnboardingCommand;
      given += 1;
      const id = `${given}`;
      const found = {
        command: command.command,
        verified: true,
        roles: ['app_instance_admin'],
        matched: [],
        requestDigest: '',
        ...checked,
      };
      const { answers = [] } = apply({ kind: 'command', id, command, checked: found });
      return answers.find(({ to }) => to === id)?.answer;
    },
  };
}

/** The problems of a flow: place and message. */
export function problems(flow: unknown): string[] {
  const read = readFlow(flow, sampleParams(flow));
  return read.ok ? [] : read.problems.map(({ path, message: text }) => `${path.map(String).join('.')}: ${text}`);
}
