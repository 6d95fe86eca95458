import type { Client } from '@temporalio/client';

const chain = (times: number) => `["${'a'.repeat(100)}"]` + '.map(x, x + x)'.repeat(times);
const lists = (times: number) => '[1,2,3,4,5,6,7,8,9,10]' + '.map(x, [x,x,x,x,x,x,x,x,x,x])'.repeat(times);
const doubled = (times: number) => '[[1]]' + '.map(x, x + x)'.repeat(times);
const bytes = (times: number) => `[b"${'a'.repeat(33)}"]` + '.map(x, x + x)'.repeat(times);
const maps = (levels: number) => '{"k": '.repeat(levels) + '1' + '}'.repeat(levels);

/** Expressions that compile, about `request` and `reviewer`, and that once took all memory or all time. */
export const EXPRESSIONS: readonly string[] = [
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
export const FORMS: readonly (readonly [schema: object, answers: object])[] = [
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
export const STARTS: readonly (readonly [type: string, input: unknown])[] = [
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

/** Starts one, and waits until it has failed. */
export async function startAndFail(
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
