import { randomUUID } from 'node:crypto';
import { expect, vi } from 'vitest';
import type { CommandToProve } from '../../src/domain/actor.ts';
import type { ActorCommandName, CommandName } from '../../src/domain/commands.ts';
import type { OnboardingCommandName } from '../../src/domain/onboarding/commands.ts';
import { aboutOf } from '../../src/domain/onboarding/subject.ts';
import { subjectOf } from '../../src/domain/subject.ts';
import { digestOf } from '../../src/identity/digest.ts';
import { createSigner } from '../../src/identity/signer.ts';
import { createOnboardingService } from '../../src/service/onboarding.ts';
import type { Result } from '../../src/service/result.ts';
import { valueOf } from '../support/admission.ts';
import { approvalBy, policySet } from '../workflows/support-policies.ts';
import { startSignedAdmission } from './signed-admission.ts';

const PATIENCE = { timeout: 60_000, interval: 30 };

/** Something that can be given commands, of the one kind or the other. */
export interface Target {
  readonly id: string;
  readonly member: string;
  /** What a good assertion of a command about it proves. */
  proving(command: string, payload: object): Promise<CommandToProve>;
  give(name: string, command: object): Promise<Result<unknown>>;
  view(): Promise<object>;
}

export type CommandScene = Awaited<ReturnType<typeof startCommandScene>>;

/** Requests and onboardings in every state that takes commands, in a system that trusts nobody. */
export async function startCommandScene() {
  // What the policies say depends on the reason; that of a step has the id of the step in it.
  const at = await startSignedAdmission(
    policySet(
      ['no', ({ reason = '' }) => (reason.includes('never') ? { verdict: 'deny', code: 'NO', message: 'No.' } : NONE)],
      ['ask', ({ reason = '' }, { answers }) => (reason.includes('form') && !answers ? FORM : NONE)],
      ['people', ({ reason = '', channelArn }) => (reason.includes('people') ? asks(channelArn) : NONE)],
      ['yes', () => ({ verdict: 'allow' })],
    ),
  );
  const { client, taskQueue, emulator, service } = at;
  const sign = createSigner(at.keys.gateway.privateKey);
  const signed = createOnboardingService({ client, taskQueue, bearers: [emulator.bearer], sign });
  const newcomer = () => emulator.newUser(`user-${randomUUID().slice(0, 8)}`);

  /** A request with this reason, once it is in this state. */
  async function request(reason: string, state: string, more: object = {}): Promise<Target> {
    const member = await newcomer();
    const asked = at.requestOf(member, { reason, ...more });
    const { id } = valueOf(await at.join(asked, await at.assertionOfJoin(asked)));
    await vi.waitFor(async () => expect(await at.shown(id)).toMatchObject({ state }), PATIENCE);
    return requestTarget(id, member);
  }

  function requestTarget(id: string, member: string): Target {
    return {
      id,
      member,
      async proving(command, payload) {
        const seen = await at.shown(id);
        const requestDigest = digestOf(subjectOf(command as ActorCommandName, payload, seen));
        return { command, workflowId: id, payload, requestDigest, requestedAt: seen.requestedAt };
      },
      give: (name, command) => service.give(id, name as CommandName, command),
      view: () => at.shown(id),
    };
  }

  /** An onboarding of these steps, once it is as described. */
  async function onboarding(steps: readonly object[], expected: object): Promise<Target> {
    const member = await newcomer();
    const name = `flow-${randomUUID().slice(0, 8)}`;
    const last = { id: 'last', kind: 'join', channelArn: emulator.channel('lobby') };
    const flow = {
      apiVersion: 'onboarding/v1',
      name,
      steps: [...steps, { id: 'long', kind: 'wait', for: '30d' }, last],
    };
    const { id } = valueOf(await signed.start({ flow: at.flows.add(flow), member, requestedBy: at.user('mona') }));
    const view = async () => valueOf(await signed.show(id));
    await vi.waitFor(async () => expect(await view()).toMatchObject(expected), PATIENCE);
    return {
      id,
      member,
      async proving(command, payload) {
        const seen = await view();
        const about = aboutOf(command as OnboardingCommandName, payload, seen);
        const requestDigest = about === undefined ? (seen.subjectDigest ?? '') : digestOf(about);
        return { command, workflowId: id, payload, requestDigest, requestedAt: seen.requestedAt };
      },
      // What has a proof is not signed again, and without one it goes out as it is.
      give: (command, input) => unsigned.give(id, command as OnboardingCommandName, input as never),
      view,
    };
  }
  const unsigned = createOnboardingService({ client, taskQueue, bearers: [emulator.bearer] });

  return {
    ...at,
    request,
    onboarding,

    /** A request that people approved, and that Chime then refuses. */
    async incident(): Promise<Target> {
      const target = await request('people', 'pending');
      await emulator.fault('CreateChannelMembership', FORBIDDEN, { count: 1, memberArn: target.member });
      const review = { decision: 'approve' };
      const assertion = await sign(at.user('mona'), await target.proving('review', review));
      valueOf(await target.give('review', { ...review, actor: { principal: at.user('mona'), assertion } }));
      await vi.waitFor(async () => expect(await target.view()).toMatchObject({ state: 'incident' }), PATIENCE);
      return target;
    },

    async pausedOnboarding(): Promise<Target> {
      const target = await onboarding([INPUT], RUNNING);
      const pause = { actor: { principal: at.user('ada') }, reason: 'x' };
      valueOf(await signed.give(target.id, 'pause', pause));
      return target;
    },
  };
}

export const INPUT = { id: 'role', kind: 'input', prompt: 'Role?', schema: { type: 'object' } };
export const RUNNING = { state: 'running', steps: [{ status: 'now' }, {}, {}] };

const NONE = { verdict: 'notApplicable', because: 'not this time' } as const;
const FORM = { verdict: 'requireInput', schema: { type: 'object' }, prompt: 'Role?', expiresIn: '7d' } as const;
const FORBIDDEN = { kind: 'exception', name: 'ForbiddenException' };

const asks = (channelArn: string) => {
  const home = channelArn.slice(0, channelArn.indexOf('/channel/'));
  return approvalBy(`${home}/user/mona`, `${home}/user/max`);
};
