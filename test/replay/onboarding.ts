import type { OnboardingCommandName, OnboardingCommandOf } from '../../src/domain/onboarding/commands.ts';
import type { OnboardingView, StepView } from '../../src/domain/onboarding/view.ts';
import { createOnboardingService } from '../../src/service/onboarding.ts';
import { onboardingId } from '../../src/workflow-id.ts';
import { must, until } from '../crash/stage.ts';
import type { Stage } from '../crash/stage.ts';

const FLOW = 'recorded';
export const REVIEWERS = { roles: ['channel_moderator', 'app_instance_admin'] };
export const WHY = { reason: 'a recording' };

export const join = (id: string, more: object = {}) => {
  return { id, kind: 'join', channelArn: '{{params.board}}', ...more };
};
/** A join that a moderator has to agree to. */
export const watch = { ...join('watch'), channelArn: '{{params.lobby}}', type: 'HIDDEN' };
export const form = (more: object = {}) => {
  const schema = { type: 'object', properties: { role: { type: 'string' } }, required: ['role'] };
  return { id: 'form', kind: 'input', prompt: 'Which role?', schema, ...more };
};
export const message = (id: string, text: string) => {
  return { id, kind: 'message', channelArn: '{{params.square}}', text };
};
export const wait = (id: string, time: string) => ({ id, kind: 'wait', for: time });
export const later = wait('later', '30d');
export const approval = (requirement: object = { approvers: REVIEWERS, approve: 1 }) => {
  return { id: 'check', kind: 'approval', channelArn: '{{params.lobby}}', requirement };
};

/** An onboarding of the stage's member by a flow that admin ada brings along; the answer is not waited for, but a state. */
export function onboard(stage: Stage, steps: readonly object[], requestedBy = stage.emulator.user('ada')) {
  const { client, taskQueue, emulator, member } = stage;
  const service = createOnboardingService({ client, taskQueue, bearers: [] });
  stage.id = onboardingId(FLOW, { member, requestedBy });
  void service.start(inputOf(stage, steps, requestedBy));
  const onboarding = {
    async reaches(what: string, isSo: (view: OnboardingView) => boolean): Promise<void> {
      await until(what, async () => {
        const shown = await service.show(stage.id);
        return shown.ok && isSo(shown.value);
      });
    },

    async is(state: OnboardingView['state']): Promise<void> {
      await onboarding.reaches(`it is ${state}`, (view) => view.state === state);
    },

    /** Waits until a step is taken, and is as described. */
    async takes(id: string, isSo: (step: StepView) => boolean = () => true): Promise<void> {
      await onboarding.reaches(`it takes ${id}`, ({ steps: states }) => {
        return states.some((step) => step.id === id && step.status === 'now' && isSo(step));
      });
    },

    /** The id of the request that a join step has made. */
    async requestOf(id: string): Promise<string> {
      await onboarding.reaches(`${id} has asked`, ({ steps: states }) => {
        return states.some((step) => step.id === id && step.child !== undefined);
      });
      return must(await service.show(stage.id)).steps.find((step) => step.id === id)?.child?.id ?? '';
    },

    /** Waits until the step `watch` has made a request that people have to decide on; its id. */
    async asks(): Promise<string> {
      const request = await onboarding.requestOf(watch.id);
      await until('people are asked', async () => {
        const shown = await stage.service.show(request);
        return shown.ok && shown.value.state === 'pending';
      });
      return request;
    },

    /** Gives a command, and expects that it is taken; `by`: whose name, or whose ARN. */
    async give<N extends OnboardingCommandName>(name: N, by: string, command: Omit<OnboardingCommandOf<N>, 'actor'>) {
      const actor = { principal: by.startsWith('arn:') ? by : emulator.user(by) };
      must(await service.give(stage.id, name, { ...command, actor } as OnboardingCommandOf<N>));
    },

    async answer(): Promise<void> {
      await onboarding.takes('form');
      await onboarding.give('submitInput', member, { step: 'form', answers: { role: 'maker' } });
    },

    /** Waits until it is closed. */
    async end(): Promise<void> {
      await until('it is there', async () => (await stage.described()) !== undefined);
      must(await service.wait(stage.id));
    },
  };
  return onboarding;
}

const PARAMS = { board: { type: 'channel' }, lobby: { type: 'channel' }, square: { type: 'channel' } };

/** What an onboarding starts with. */
export function inputOf({ emulator, member }: Stage, steps: readonly object[], requestedBy = emulator.user('ada')) {
  const params = Object.fromEntries(Object.keys(PARAMS).map((name) => [name, emulator.channel(name)]));
  return { flow: { apiVersion: 'onboarding/v1', name: FLOW, params: PARAMS, steps }, member, requestedBy, params };
}

/** A moderator decides on a request. */
export async function decide(stage: Stage, request: string, decision: 'approve' | 'deny'): Promise<void> {
  const actor = { principal: stage.emulator.user('max') };
  must(await stage.service.review(request, { actor, decision }));
}

/** Only members of a channel may write to it: makes the service bearer one, if it is none. */
export async function letServiceWrite({ emulator }: Stage): Promise<void> {
  const path = `${emulator.url}/channels/${encodeURIComponent(emulator.channel('square'))}/memberships`;
  const headers = { 'x-amz-chime-bearer': emulator.user('ada') };
  const body = JSON.stringify({ MemberArn: emulator.bearer, Type: 'DEFAULT' });
  const answer = await fetch(path, { method: 'POST', headers, body });
  if (!answer.ok && answer.status !== 409) throw new Error(await answer.text());
}
