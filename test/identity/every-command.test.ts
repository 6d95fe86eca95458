import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CommandToProve } from '../../src/domain/actor.ts';
import { COMMAND_NAMES } from '../../src/domain/commands.ts';
import { ONBOARDING_COMMAND_NAMES } from '../../src/domain/onboarding/commands.ts';
import { createSigner, type KeyPair } from '../../src/identity/signer.ts';
import { errorOf, valueOf } from '../support/admission.ts';
import { INPUT, RUNNING, startCommandScene } from './commands-scene.ts';
import type { CommandScene, Target } from './commands-scene.ts';
import { refusedBy } from './signed-admission.ts';

let at: CommandScene;
beforeAll(async () => {
  at = await startCommandScene();
});
afterAll(() => at.close());

/** `again`: with what the very same is refused right after it was taken, however far that has come. */
interface Row {
  readonly payload: object;
  readonly by: 'member' | 'mona' | 'ada';
  readonly ready: () => Promise<Target>;
  readonly again: string;
}

const why = { reason: 'it is time' };
const pending = () => at.request('people', 'pending');
const active = () => at.request('none', 'active', { term: '30d' });
const running = () => at.onboarding([INPUT], RUNNING);

const REQUESTS: Readonly<Record<string, Row>> = {
  review: { payload: { decision: 'comment', comment: 'hm' }, by: 'mona', ready: pending, again: 'Unauthenticated' },
  withdraw: { payload: {}, by: 'member', ready: pending, again: 'AlreadyResolved' },
  amend: { payload: { changes: { reason: 'people, please' } }, by: 'member', ready: pending, again: 'NothingChanges' },
  submitInput: {
    payload: { binding: 'ask', answers: {} },
    by: 'member',
    ready: () => at.request('form people', 'pending'),
    again: 'NoInputAsked',
  },
  override: { payload: { ...why, ticket: 'T-1' }, by: 'ada', ready: pending, again: 'AlreadyResolved' },
  reassign: {
    payload: { ...why, binding: 'people', to: { roles: ['channel_moderator'] } },
    by: 'ada',
    ready: pending,
    again: 'Unauthenticated',
  },
  retry: { payload: why, by: 'ada', ready: () => at.incident(), again: 'AlreadyResolved|NoIncident' },
  abandon: { payload: why, by: 'ada', ready: () => at.incident(), again: 'AlreadyResolved' },
  extend: { payload: { by: '1d' }, by: 'member', ready: active, again: 'Unauthenticated' },
  revoke: { payload: why, by: 'member', ready: active, again: 'AlreadyResolved|NotActive' },
};

const ONBOARDINGS: Readonly<Record<string, Row>> = {
  submitInput: { payload: { step: 'role', answers: {} }, by: 'member', ready: running, again: 'NotPending' },
  review: {
    payload: { step: 'check', decision: 'comment', comment: 'hm' },
    by: 'ada',
    ready: () => at.onboarding([approval()], { steps: [{ panel: { result: { result: 'open' } } }, {}, {}] }),
    again: 'Unauthenticated',
  },
  skip: { payload: { ...why, step: 'long' }, by: 'ada', ready: running, again: 'NotPending' },
  retryStep: {
    payload: { ...why, step: 'never' },
    by: 'ada',
    ready: () => at.onboarding([failing()], { state: 'incident' }),
    again: 'NoIncident|NotPending|Unauthenticated',
  },
  pause: { payload: why, by: 'ada', ready: running, again: 'NotPending' },
  resume: { payload: why, by: 'ada', ready: () => at.pausedOnboarding(), again: 'NotPending' },
  cancel: { payload: { ...why, compensate: false }, by: 'ada', ready: running, again: 'AlreadyResolved|NotPending' },
};

const approval = () => {
  const requirement = { approvers: { roles: ['app_instance_admin'] }, approve: 1 };
  return { id: 'check', kind: 'approval', channelArn: at.emulator.channel('board'), requirement };
};
const failing = () => ({ id: 'never', kind: 'join', channelArn: at.emulator.channel('board'), onFailure: 'hold' });

/** How a proof differs from the good one. */
interface Wrong {
  readonly key?: () => KeyPair;
  readonly as?: string;
  readonly lifetime?: number;
  readonly what?: Partial<CommandToProve>;
}

const WRONG: readonly (readonly [string, Wrong, RegExp])[] = [
  ['forged, with a key that nobody knows', { key: () => at.keys.strange }, /not known/],
  ['forged, under the id of a known key', { key: () => at.counterfeit }, /signature/],
  ['expired', { lifetime: -10 }, /expired/],
  ['made to last', { lifetime: 3_600 }, /more than 5 minutes/],
  ['of somebody else', { as: 'carol' }, /another principal/],
  ['with the personal key of somebody else', { key: () => at.keys.ofCarol }, /personal/],
  ['of another command', { what: { command: 'approve' } }, /another command/],
  ['about another', { what: { workflowId: 'join:board:bob:00000000' } }, /another request/],
  ['about the same of an earlier time', { what: { requestedAt: '2026-11-23T10:00:00.000Z' } }, /another time/],
  ['of another content', { what: { payload: { other: true } } }, /another content/],
  ['about what it was before', { what: { requestDigest: '0'.repeat(64) } }, /another digest/],
];

async function give(name: string, { payload, by }: Row, target: Target, assertion?: string) {
  const principal = by === 'member' ? target.member : at.user(by);
  return target.give(name, { ...payload, actor: { principal, ...(assertion === undefined ? {} : { assertion }) } });
}

async function proof(name: string, { payload, by }: Row, target: Target, { key, as, lifetime = 60, what }: Wrong = {}) {
  const principal = as === undefined ? (by === 'member' ? target.member : at.user(by)) : at.user(as);
  const { privateKey } = key?.() ?? at.keys.gateway;
  return createSigner(privateKey, { lifetime })(principal, { ...(await target.proving(name, payload)), ...what });
}

describe.each([
  ['a request', REQUESTS, COMMAND_NAMES.filter((name) => name !== 'reevaluate')],
  ['an onboarding', ONBOARDINGS, ONBOARDING_COMMAND_NAMES],
] as const)('a command about %s', (_, rows, names) => {
  test('is in this table', () => {
    expect(Object.keys(rows).toSorted()).toEqual([...names].toSorted());
  });

  test.each(Object.entries(rows))('%s: no bad proof counts, a good one counts once', async (name, row) => {
    const target = await row.ready();
    const before = await target.view();
    expect(errorOf(await give(name, row, target))).toMatchObject(refusedBy(/Nothing proves/));
    for (const [title, wrong, message] of WRONG) {
      const error = errorOf(await give(name, row, target, await proof(name, row, target, wrong)));
      expect({ title, error }).toMatchObject({ title, error: refusedBy(message) });
    }
    expect(await target.view()).toEqual(before);
    const assertion = await proof(name, row, target);
    valueOf(await give(name, row, target, assertion));
    expect(await target.view()).not.toEqual(before);
    expect(errorOf(await give(name, row, target, assertion)).code).toMatch(new RegExp(`^(${row.again})$`));
  });
});
