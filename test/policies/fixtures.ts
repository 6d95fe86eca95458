import { compose } from '../../src/domain/admission.ts';
import type { Composition, Decision } from '../../src/domain/admission.ts';
import type { Channel, Facts, FactValues } from '../../src/domain/facts.ts';
import { NO_HISTORY } from '../../src/domain/history.ts';
import type { JoinRequest } from '../../src/domain/request.ts';
import type { VerdictInput } from '../../src/schemas/verdict.ts';
import { askedNow, type PolicyLog } from '../../src/policies/run-policy.ts';
import { evaluate, type EvaluateOptions } from '../../src/policies/evaluate.ts';
import { bind } from '../../src/policies/binding.ts';
import type { PolicyBinding } from '../../src/policies/binding.ts';
import { createPolicySet, embeddedPolicySet } from '../../src/policies/policy-set.ts';
import type { PolicySet } from '../../src/policies/policy-set.ts';
import type { Policy } from '../../src/policies/policy.ts';
import { z } from 'zod';

const HOME = 'arn:aws:chime:us-east-1:111122223333:app-instance/home';
export const user = (id: string) => `${HOME}/user/${id}`;
export const bot = (id: string) => `${HOME}/bot/${id}`;
export const channel = (id: string) => `${HOME}/channel/${id}`;

/** Alice asks to join the board, unless said otherwise. */
export function requestOf(fields: Partial<JoinRequest> = {}): JoinRequest {
  const memberArn = fields.memberArn ?? user('alice');
  return { channelArn: channel('board'), memberArn, type: 'DEFAULT', requestedBy: memberArn, ...fields };
}

export const RESTRICTED: Channel = { privacy: 'PRIVATE', mode: 'RESTRICTED', elastic: false };

/** Facts about an outsider and a PRIVATE RESTRICTED channel, unless said otherwise. */
export function factsOf(values: Partial<FactValues> = {}): Facts {
  const all: FactValues = {
    history: NO_HISTORY,
    channel: { ...RESTRICTED },
    'requester.role': 'outsider',
    'requester.ban': false,
    'bearer.role': null,
    'member.membership': null,
    'member.moderator': false,
    'member.ban': false,
    moderators: [user('mona'), user('max')],
    admins: [user('ada')],
    approvers: { channel_moderator: 2, app_instance_admin: 1, total: 3 },
    ...values,
  };
  const readAt = '2026-11-23T12:00:00.000Z';
  return Object.fromEntries(Object.entries(all).map(([name, value]) => [name, { value, source: 'test', readAt }]));
}

/** The embedded set, with params for some of its policies. */
export function embeddedWith(params: Record<string, unknown>): PolicySet {
  return createPolicySet(embeddedPolicySet().bindings.map(({ policy }) => bind(policy, params[policy.id])));
}

const ignore = () => undefined;

/** Evaluates on facts that are known. */
export async function evaluateOn(
  set: PolicySet,
  request: JoinRequest,
  facts: Facts,
  log: PolicyLog = ignore,
  asking: Partial<EvaluateOptions> = {},
): Promise<Decision[]> {
  const known = (names: readonly string[]): Facts =>
    Object.fromEntries(names.flatMap((name) => (facts[name] ? [[name, facts[name]]] : [])));
  const options = {
    readFacts: async (names: readonly string[]) => known(names),
    log,
    ...askedNow(new Date()),
    ...asking,
  };
  const { decisions } = await evaluate(set, request, options);
  return [...decisions];
}

export async function decide(
  set: PolicySet,
  request: JoinRequest,
  facts: Facts,
): Promise<{ decisions: Decision[]; composition: Composition }> {
  const decisions = await evaluateOn(set, request, facts);
  return { decisions, composition: compose(decisions, set.defaultVerdict) };
}

/** A composition in one word: `allow`, `approval`, `ask`, `defer` or the code of the denial. */
export function inBrief(composition: Composition): string {
  if (composition.action === 'deny') return composition.reason.code;
  const words = { admit: 'allow', pend: 'approval', ask: 'ask', defer: 'defer', alreadyMember: 'alreadyMember' };
  return words[composition.action];
}

/** A policy that does what it is told; `answer` may be anything at all. */
export function policyThat(answer: (...args: Parameters<Policy['evaluate']>) => unknown, id = 'odd'): Policy {
  return {
    id,
    version: '1.0.0',
    title: id,
    params: z.unknown(),
    facts: ['channel', 'requester.role'],
    kind: 'pure',
    evaluate: (request, context) => answer(request, context) as VerdictInput,
  };
}

export function bindingThat(
  answer: Parameters<typeof policyThat>[0],
  options: Partial<PolicyBinding> = {},
): PolicyBinding {
  return bind(policyThat(answer), { limit: 1 }, options);
}
