import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { compileCel } from '../../src/policies/cel/compile.ts';
import type { AdmissionService } from '../../src/service/admission-service.ts';
import type { OnboardingService } from '../../src/service/onboarding.ts';

const chain = (times: number) => `["${'a'.repeat(100)}"]` + '.map(x, x + x)'.repeat(times);
const lists = (times: number) => '[1,2,3,4,5,6,7,8,9,10]' + '.map(x, [x,x,x,x,x,x,x,x,x,x])'.repeat(times);
const doubled = (times: number) => '[[1]]' + '.map(x, x + x)'.repeat(times);
const bytes = (times: number) => `[b"${'a'.repeat(33)}"]` + '.map(x, x + x)'.repeat(times);
const maps = (levels: number) => '{"k": '.repeat(levels) + '1' + '}'.repeat(levels);

/** Expressions that compile, about `request` and `reviewer`, and that once took all memory or all time. */
const EXPRESSIONS: readonly string[] = [
  ...[10, 16, 18, 20, 22].flatMap((times) => [
    `${chain(times)}.exists(x, x.size() > 5)`,
    `${chain(times)}.exists(x, x.contains("b"))`,
    `${chain(times)}.exists(x, x.matches("^(a+)+$"))`,
    `${chain(times)}.exists(x, x == "b")`,
    `${chain(times)}.exists(x, x.startsWith("b"))`,
    `${doubled(times)}.exists(x, x.size() > 5)`,
    `${doubled(times)}.exists(x, x == [1])`,
    `${doubled(times)}.exists(x, 7 in x)`,
    `${bytes(times)}.exists(x, x.size() > 5)`,
  ]),
  ...[4, 6, 8].map((times) => `${lists(times)}.exists(x, x == [])`),
  `${maps(40)} == ${maps(40)}`,
  '[1,2,3,4,5,6,7,8,9].all(a, [1,2,3,4,5,6,7,8,9].all(b, [a,b].exists(c, c > 99) || a + b > 0)) && false',
  `"${'a'.repeat(2_000)}".matches("^(a|aa)+(a|aa)+(a|aa)+$b")`,
  `"${'x'.repeat(1_000)}".matches("(x{1,30}){1,30}y")`,
];

const text = { type: 'string' };
const nested = (levels: number): object => (levels === 0 ? text : { anyOf: [nested(levels - 1), nested(levels - 1)] });
const deep = (levels: number): object =>
  levels === 0 ? text : { type: 'object', properties: { a: deep(levels - 1) } };

/** Schemas of forms, and answers to them. */
const FORMS: readonly (readonly [schema: object, answers: object])[] = [
  ...['^(a+)+$', '^(a|a)*$', '^(a|aa)+$', '(a*)*b', '^([a-zA-Z]+)*$', String.raw`(.*a){12}`].flatMap((pattern) => [
    [{ x: { ...text, pattern } }, { x: `${'a'.repeat(45)}!` }] as const,
    [{ x: { ...text, pattern } }, { x: `${'a'.repeat(15_000)}!` }] as const,
  ]),
  ...['email', 'uri', 'duration', 'date-time', 'ipv6', 'hostname', 'uuid', 'json-pointer'].map(
    (format) => [{ x: { ...text, format } }, { x: `http://${'a.1:'.repeat(4_500)}@` }] as const,
  ),
  [{ x: nested(8) }, { x: 1 }],
  [{ x: deep(15) }, { x: {} }],
  [{ x: { type: 'array', uniqueItems: true } }, { x: Array.from({ length: 1_800 }, (_, n) => ({ n: [n] })) }],
  [
    Object.fromEntries(Array.from({ length: 250 }, (_, n) => [`f${n}`, { ...text, pattern: '^(a+)+$' }])),
    { f1: 'aa!' },
  ],
  [{ x: { type: 'array', items: { $ref: '#' } } }, { x: [[], [[]]] }],
].map(([properties, answers]) => [{ type: 'object', properties }, answers as object] as const);

const many = (count: number, value: unknown = 1) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, value]));
const levels = (count: number) => Array.from({ length: count }).reduce<unknown>((value) => [value], 'x');

/** Starts that anybody may make who reaches Temporal: the type, and its input. */
const STARTS: readonly (readonly [type: string, input: unknown])[] = [
  ['joinChannel', many(60_000)],
  ['joinChannel', { ['x'.repeat(1_500_000)]: 1 }],
  ['joinChannel', { channelArn: 'x'.repeat(1_500_000), memberArn: levels(4_000) }],
  ['joinChannel', JSON.parse('{"__proto__":{"channelArn":"x"},"constructor":1}')],
  ['onboardMember', { flow: { params: many(9_000, { default: '' }) }, params: many(9_000, 'x') }],
  ['onboardMember', { flow: levels(4_000), params: many(100, 'x'.repeat(10_000)) }],
  ['notifyPeople', { approvers: Array.from({ length: 100_000 }, () => 'x') }],
  ['toString', {}],
  ['__proto__', many(60_000)],
];

/** What a trusted author may write in a policy set: it compiles, and lint says that it is good. */
const IN_POLICIES = EXPRESSIONS.filter((source, index) => index % 3 === 0 && compileCel(source, { facts: [] }).ok);

/** A policy set, as its file says it, with a bomb for each request that names one. */
export function hostileSet(): string {
  const bombs = IN_POLICIES.map((denyWhen, index) => ({
    name: `bomb-${index}`,
    use: 'expression',
    params: { denyWhen },
    matchConditions: [{ name: 'its-own', expression: `has(request.reason) && request.reason == 'bomb ${index}'` }],
  }));
  const bindings = [{ name: 'privacy', use: 'privacy' }, { name: 'ban', use: 'ban' }, ...bombs];
  return JSON.stringify({ apiVersion: 'admission/v1', bindings });
}

/** A running system with that policy set, and who is attacked in it. */
export interface Target {
  readonly client: Client;
  readonly taskQueue: string;
  readonly service: AdmissionService;
  readonly onboarding: OnboardingService;
  /** An admin of the app instance. */
  readonly admin: string;
  /** A public channel, and a private one with moderators. */
  readonly lobby: string;
  readonly board: string;
  readonly newcomer: () => Promise<string>;
}

/** An attack, to be started when the one before has been answered; with what it was answered. */
export type Attack = () => Promise<string>;

export async function attacksOn(target: Target): Promise<Attack[]> {
  const { client, taskQueue } = target;
  const ids: string[] = [];
  while (ids.length < EXPRESSIONS.length) ids.push(await pending(target));
  return [
    ...IN_POLICIES.map((_, index) => () => inPolicies(target, index)),
    ...EXPRESSIONS.map((source, index) => () => aboutReviewers(target, ids[index] ?? '', source)),
    ...EXPRESSIONS.filter((_, index) => index % 4 === 0).map(
      (source) => () => broughtAlong(target, approval(target, source)),
    ),
    ...FORMS.map(
      ([schema, answers]) =>
        () =>
          broughtAlong(target, form(schema), { ...answers }),
    ),
    ...STARTS.map((start) => () => startAndFail(client, taskQueue, start)),
  ];
}

async function inPolicies({ service, lobby, newcomer }: Target, index: number): Promise<string> {
  return codeOf(await service.join({ channelArn: lobby, memberArn: await newcomer(), reason: `bomb ${index}` }));
}

/** A request that waits for people. */
async function pending({ service, board, newcomer }: Target): Promise<string> {
  const answer = await service.join({ channelArn: board, memberArn: await newcomer() });
  if (!answer.ok) throw new Error(JSON.stringify(answer.error));
  return answer.value.id;
}

async function aboutReviewers({ service, admin }: Target, id: string, expression: string): Promise<string> {
  const actor = { principal: admin };
  const to = { roles: ['channel_moderator' as const], expression };
  return codeOf(await service.give(id, 'reassign', { actor, binding: 'privacy', to, reason: 'a bomb' }));
}

/** A flow that an admin of the app instance brings along. */
async function broughtAlong(
  { onboarding, admin, board, newcomer }: Target,
  step: object,
  answers?: Record<string, unknown>,
): Promise<string> {
  const member = await newcomer();
  const end = { id: 'end', kind: 'join', channelArn: board };
  const flow = { apiVersion: 'onboarding/v1', name: `bomb-${randomUUID().slice(0, 8)}`, steps: [step, end] };
  const started = await onboarding.start({ flow, member, requestedBy: admin });
  if (!started.ok) return started.error.code;
  const { id } = started.value;
  const answered = answers
    ? await onboarding.give(id, 'submitInput', { actor: { principal: member }, step: 'bomb', answers })
    : started;
  await onboarding.give(id, 'cancel', { actor: { principal: admin }, reason: 'enough', compensate: false });
  return codeOf(answered);
}

const approval = ({ board }: Target, expression: string) => ({
  id: 'bomb',
  kind: 'approval',
  channelArn: board,
  requirement: { approvers: { expression }, approve: 1 },
});
const form = (schema: object) => ({ id: 'bomb', kind: 'input', prompt: 'Well?', schema });

function codeOf(result: { ok: true; value: object } | { ok: false; error: { code: string } }): string {
  return result.ok ? 'answered' : result.error.code;
}

/** Starts one, and waits until it has failed. */
async function startAndFail(
  client: Client,
  taskQueue: string,
  [type, input]: (typeof STARTS)[number],
): Promise<string> {
  const workflowId = `hostile-${type}-${Math.random()}`;
  const handle = await client.workflow.start(type, { workflowId, taskQueue, args: [input] });
  return handle.result().then(
    () => 'completed',
    (error: Error & { cause?: { type?: string } }) => error.cause?.type ?? String(error),
  );
}
