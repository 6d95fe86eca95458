import type { BoundInput, Composition, Decision } from '../../../src/domain/admission.ts';
import type { CommandName } from '../../../src/domain/commands.ts';
import type { Conclusion } from '../../../src/domain/conclusion.ts';
import type { ExternalCall } from '../../../src/domain/external-call.ts';
import type { ActorCommandName, CommandOf } from '../../../src/domain/commands.ts';
import type { Checked, Command } from '../../../src/domain/join/commands.ts';
import type { Effect } from '../../../src/domain/join/effects.ts';
import { born as bornOf } from '../../../src/domain/join/evaluate.ts';
import type { Admission, AdmitCall } from '../../../src/domain/join/evaluation.ts';
import { viewOf } from '../../../src/domain/join/project.ts';
import type { CommandCall } from '../../../src/domain/checked.ts';
import type { State } from '../../../src/domain/join/state.ts';
import type { Refusal } from '../../../src/domain/refusal.ts';
import type { JoinRequest } from '../../../src/domain/request.ts';
import { DEFAULT_RETRY } from '../../../src/domain/settings.ts';
import type { Outcome, World } from '../support/life.ts';
import { arn, bound, everybody, DAY, HOUR, person, staged, START } from '../approval/kit.ts';

/** Draws one of `n`: the source of all chance in a life, so that it shrinks. */
export type Draw = (n: number) => number;

export function drawing(numbers: readonly number[]): Draw {
  let at = 0;
  return (n) => (numbers[at++] ?? 0) % n;
}

const REQUEST: JoinRequest = {
  channelArn: 'arn:aws:chime:us-east-1:111122223333:app-instance/one/channel/lobby',
  memberArn: arn('bob'),
  requestedBy: arn('alice'),
  type: 'DEFAULT',
};

export function born(draw: Draw): State {
  const memory = { usedAssertions: [], reviewIds: [], told: 0, evaluations: 0 };
  const request: JoinRequest = { ...REQUEST, ...(draw(3) === 0 ? { term: '2d' } : {}) };
  const about = { id: 'join:1', runId: 'run-1', firstRunId: draw(8) === 7 ? 'run-0' : 'run-1', isChild: draw(3) === 2 };
  const requestedAt = new Date(START).toISOString();
  return bornOf({ ...about, request, requestedAt, memory, notes: [], answers: [] }, { isChild: about.isChild }, START);
}

const ladder = staged({
  timedActions: [
    { at: '1h', do: 'remind' },
    { at: '2h', do: 'escalate', to: { roles: ['app_instance_admin'] } },
    { at: '2d', do: 'deny' },
  ],
});
const twoStages = bound({
  stages: [
    { name: 'one', approvers: { roles: ['channel_moderator'] }, anyOf: [{ approve: 1 }], dueIn: '3d' },
    { name: 'two', approvers: { roles: ['app_instance_admin'] }, anyOf: [{ approve: 2, deny: 2 }] },
  ],
});
const REQUIREMENTS = [[staged({})], [ladder], [twoStages], [staged({ anyOf: [{ approve: 2 }] }, 'a'), staged({}, 'b')]];

const INPUT: BoundInput = { binding: 'age', schema: { type: 'object' }, prompt: 'How old?', expiresIn: '1d' };

function compositionOf(draw: Draw, now: number): Composition {
  switch (draw(9)) {
    case 0:
    case 1:
    case 2:
      return { action: 'pend', requirements: REQUIREMENTS[draw(REQUIREMENTS.length)] ?? [] };
    case 3:
    case 4:
      return { action: 'admit' };
    case 5:
      return { action: 'ask', inputs: [INPUT] };
    case 6: {
      const until = new Date(now + draw(4) * HOUR).toISOString();
      return { action: 'defer', until, giveUpAfterMs: 5 * DAY, bindings: ['calm'] };
    }
    case 7:
      return { action: 'alreadyMember' };
    default:
      return { action: 'deny', reason: { code: 'NO', message: 'no', visibility: 'full', binding: 'rule' } };
  }
}

function conclusionOf(draw: Draw, now: number): Conclusion {
  const holder = draw(4) === 0 ? 'moderator' : 'member';
  const eligible = { people: everybody, channel_moderator: 3, app_instance_admin: 3, total: 5 };
  const at = { source: 'test', readAt: new Date(now).toISOString() };
  return {
    composition: compositionOf(draw, now),
    executor: draw(4) === 0 ? arn('alice') : null,
    facts: { approvers: { value: eligible, ...at }, 'requester.role': { value: holder, ...at } },
    ...(draw(3) === 0 ? { term: { limitMs: 3 * DAY, remindMs: [DAY, HOUR] } } : {}),
    ...(draw(2) === 0 ? { validForMs: draw(2) * HOUR } : {}),
  };
}

const settings = {
  expireAfterMs: 30 * DAY,
  validForMs: 2 * HOUR,
  chimeTaskQueue: 'chime',
  retry: DEFAULT_RETRY,
  notify: true,
  commandsPerRun: 100,
};

function admissionOf(call: AdmitCall, draw: Draw, now: number): Admission {
  const digest = JSON.stringify(call.extension?.subject ?? call.request);
  const about = {
    decisions: [] as Decision[],
    policyDigest: `p${draw(2)}`,
    defaultVerdict: 'deny' as const,
    serviceBearer: arn('service'),
    settings,
    requestDigest: JSON.stringify(call.request),
    reviewDigest: digest,
    listedAs: { member: call.request.memberArn, parties: [] },
    ...(call.asker ? { proof: { verified: true } } : {}),
  };
  const conclusion = conclusionOf(draw, now);
  if (draw(5) !== 0) return { ...about, external: [], facts: conclusion.facts, conclusion };
  return { ...about, external: [{ facts: [] } as unknown as ExternalCall], facts: conclusion.facts };
}

const ERROR = { type: 'ServiceUnavailable', message: 'not now' };
const grantRecord = { type: 'DEFAULT', invitedBy: arn('service') } as const;
const made = { member: { arn: arn('bob') }, invitedBy: arn('service'), grant: grantRecord };

/** What an effect comes to, with every kind of failure that it knows. */
export function outcomeOf(effect: Effect, draw: Draw, now: number): Outcome {
  if (draw(8) === 7) return { error: ERROR, retryable: draw(3) !== 0 };
  const looks = [
    { is: 'there', at: new Date(now).toISOString(), createdAt: new Date(now).toISOString(), ageMs: 1 },
    { is: 'gone' },
    { is: 'notOurs' },
  ];
  switch (effect.do) {
    case 'admit':
      return { value: admissionOf(effect.call, draw, now) };
    case 'askExternal':
      return { value: [] };
    case 'conclude':
      return { value: conclusionOf(draw, now) };
    case 'readRoster':
      return { value: everybody.filter(() => draw(6) !== 5) };
    case 'confirmRoles':
      return {
        value: effect.of.map((one) => {
          const known = everybody.find((who) => who.arn === one);
          return known && draw(6) !== 5 ? known : { arn: one, roles: [], matched: [] };
        }),
      };
    case 'look':
    case 'describe':
      return { value: looks[[0, 0, 0, 0, 1, 2][draw(6)] ?? 0] };
    case 'grant': {
      const failed = { outcome: 'failed', error: ERROR };
      const kinds = [
        { outcome: 'joined', ...made },
        { outcome: 'alreadyMember', member: made.member },
        { ...failed, tooOld: false, mayBeApplied: false },
        { ...failed, tooOld: false, mayBeApplied: true },
        { ...failed, tooOld: true, mayBeApplied: false },
        { ...failed, tooOld: true, mayBeApplied: true },
      ];
      return { value: kinds[[0, 0, 0, 0, 1, 2, 3, 4, 5][draw(9)] ?? 0] };
    }
    case 'findGrant':
      return {
        value: [null, { outcome: 'joined', ...made }, { outcome: 'alreadyMember', member: made.member }][draw(3)],
      };
    case 'remove':
      return { value: ['removed', 'gone', 'notOurs'][draw(3)] };
    case 'findEarlierGrant':
      return { value: draw(3) === 0 ? made : null };
  }
}

const PEOPLE = [...everybody, person('alice'), person('bob'), person('eve')];
const REVIEWS = ['approve', 'approve', 'deny', 'abstain', 'comment', 'requestChanges'] as const;

/** Anything that anybody could give at any time. */
export function commandOf(state: State, draw: Draw): Command {
  const NAMES: readonly (CommandName | 'look')[] = [
    ...(['review', 'review', 'review', 'review', 'withdraw', 'amend', 'submitInput', 'override'] as const),
    ...(['reassign', 'reevaluate', 'retry', 'abandon', 'extend', 'revoke', 'look'] as const),
  ];
  const name = NAMES[draw(NAMES.length)] ?? 'review';
  const principal = PEOPLE[draw(PEOPLE.length)]?.arn ?? '';
  const assertion = draw(4) === 0 ? `proof-${draw(3)}` : undefined;
  const actor = { principal, ...(assertion === undefined ? {} : { assertion }) };
  const why = { actor, reason: 'why not' };
  const mine = { actor: { ...actor, principal: arn('alice') } };
  switch (name) {
    case 'review': {
      const digest = viewOf(state).reviewDigest;
      const about = draw(4) === 0 && digest !== undefined ? { requestDigest: draw(3) === 0 ? 'old' : digest } : {};
      const id = draw(3) === 0 ? { reviewId: `r${draw(3)}` } : {};
      const decision = REVIEWS[draw(REVIEWS.length)] ?? 'approve';
      const comment = decision === 'comment' ? { comment: 'hm' } : {};
      return { name, command: { actor, decision, ...about, ...id, ...comment } };
    }
    case 'withdraw':
      return { name, command: draw(3) === 0 ? mine : { actor } };
    case 'amend':
      return { name, command: { ...mine, changes: { reason: `why ${draw(4)}` } } };
    case 'submitInput':
      return { name, command: { ...mine, binding: draw(4) === 0 ? 'other' : 'age', answers: { age: 3 } } };
    case 'override':
      return { name, command: { ...why, ticket: 'T-1' } };
    case 'reassign':
      return { name, command: { ...why, binding: ['rule', 'a', 'x'][draw(3)] ?? 'rule', to: { users: [arn('eve')] } } };
    case 'reevaluate':
      return { name, command: draw(2) === 0 ? { policyDigest: 'p1' } : { changed: ['channel'] } };
    case 'retry':
    case 'abandon':
    case 'revoke':
      return { name, command: why };
    case 'extend':
      return { name, command: { ...(draw(2) === 0 ? mine : { actor }), by: '1d' } };
    case 'look':
      return { name };
  }
}

const DENIED: Refusal = { code: 'NotAnAdmin', message: 'no' };

export function worldOf(
  draw: Draw,
  clock: { readonly now: number },
): World<State, Command, Effect, CommandCall, Checked> {
  return {
    check(_state, given, call) {
      if (!call || given.name === 'look' || given.name === 'reevaluate') return {};
      // What is drawn is whole already.
      const command = given.command as CommandOf<ActorCommandName>;
      const { actor } = command;
      if (draw(12) === 11) return { code: 'Unavailable', message: 'not now' };
      const who = everybody.find((one) => one.arn === actor.principal);
      const roles = who && draw(8) !== 7 ? who.roles : [];
      if (call.admin && !roles.includes('app_instance_admin')) return DENIED;
      const proof =
        actor.assertion === undefined ? {} : { assertion: { id: actor.assertion, expiresAt: clock.now + HOUR } };
      const amended =
        call.amend && 'changes' in command ? { amended: { ...call.amend, reason: command.changes.reason ?? '' } } : {};
      const roster = given.name === 'reassign' ? { roster: [...everybody, person('eve')] } : {};
      return { verified: true, command, roles, matched: [], ...proof, ...amended, ...roster };
    },
    perform: (effect) => outcomeOf(effect, draw, clock.now),
    // A proof that was used stays used.
    comparable: (state) => ('memory' in state ? { ...state, memory: { ...state.memory, usedAssertions: [] } } : state),
  };
}
