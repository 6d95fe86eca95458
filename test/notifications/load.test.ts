import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { loadNotifications } from '../../src/notifications/load-notifications.ts';
import { chat, issuesOf, notificationsOf, SECRET } from './config-folder.ts';
import { channel, deliveryTo, eventOf, user } from './events.ts';

const base = { apiVersion: 'admission/v1', channels: [chat()] };
const mail = (params: object) => ({ name: 'mail', use: 'email', params: { from: 'a@example.com', ...params } });
const smtp = 'smtp://127.0.0.1:25';
const addresses = { [user('mona')]: 'mona@example.com' };

describe('what is wrong is told with its place and what is accepted', () => {
  test.for([
    ['a bad version', { ...base, apiVersion: 'v2' }, /^n:1:13 apiVersion: is "v2" \(accepted: admission\/v1\)$/],
    ['a misspelled field', { ...base, rule: [] }, /rule: unknown field \(accepted: did you mean rules\?/],
    ['no channels', { ...base, channels: [] }, /channels: is \[\] \(accepted: a list of 1 to 20/],
    ['a bad name', { ...base, channels: [{ ...chat(), name: 'My Chat' }] }, /channels\[0\]\.name: is "My Chat"/],
    ['two of one name', { ...base, channels: [chat(), chat()] }, /channels\[1\]\.name: there is another chat/],
    [
      'an unknown channel',
      { ...base, channels: [{ ...chat(), use: 'sms' }] },
      /no built-in channel sms \(accepted: webhook, email or/,
    ],
    [
      'a missing file',
      { ...base, channels: [{ ...chat(), use: './sms.ts' }] },
      /channels\[0\]\.use: there is no file \.\/sms\.ts/,
    ],
    [
      'an unknown parameter',
      { ...base, channels: [chat('http://127.0.0.1', { urls: 1 })] },
      /params\.urls: unknown field/,
    ],
    ['http to others', { ...base, channels: [chat('http://chat.example.com')] }, /params\.url: is .* https URL/],
    ['a placeholder', { ...base, channels: [chat('https://chat.example.com/{id}')] }, /params\.url/],
    ['credentials in a URL', { ...base, channels: [chat('https://a:b@chat.example.com')] }, /params\.url/],
    [
      'too much time',
      { ...base, channels: [chat('http://127.0.0.1', { timeout: '21s' })] },
      /params\.timeout: is "21s"/,
    ],
    [
      'no secret',
      { ...base, channels: [chat('http://127.0.0.1', { secretEnv: 'EMPTY' })] },
      /params\.secretEnv: the environment variable that `secretEnv` names has no secret/,
    ],
    [
      'a secret of another kind',
      { ...base, channels: [chat('http://127.0.0.1', { secretEnv: 'MAIL_PASSWORD' })] },
      /params\.secretEnv: the .* holds something else than webhook secrets \(accepted: `whsec_` and the base64/,
    ],
    [
      'a bad secret variable',
      { ...base, channels: [chat('http://127.0.0.1', { secretEnv: 's3cret!' })] },
      /params\.secretEnv/,
    ],
    [
      'smtp with a password',
      { ...base, channels: [mail({ smtp: 'smtp://u:p@example.com', addresses })] },
      /params\.smtp/,
    ],
    ['smtp by http', { ...base, channels: [mail({ smtp: 'http://example.com', addresses })] }, /params\.smtp/],
    ['no addresses', { ...base, channels: [mail({ smtp })] }, /params\.addresses: either addresses or addressesFrom/],
    [
      'an address for a channel',
      { ...base, channels: [mail({ smtp, addresses: { [channel('board')]: 'a@example.com' } })] },
      /params\.addresses/,
    ],
    [
      'a missing list',
      { ...base, channels: [mail({ smtp, addressesFrom: 'people.yaml' })] },
      /addressesFrom: .*no file people\.yaml/,
    ],
    ['a user without a password', { ...base, channels: [mail({ smtp, addresses, user: 'a' })] }, /params\.passwordEnv/],
    [
      'a password that is not there',
      { ...base, channels: [mail({ smtp, addresses, user: 'a', passwordEnv: 'EMPTY' })] },
      /params\.passwordEnv: the environment variable that `passwordEnv` names has no secret/,
    ],
    [
      'an unknown event',
      { ...base, rules: [{ when: ['join'], to: ['member'], by: 'chat' }] },
      /rules\[0\]\.when\[0\]: is "join"/,
    ],
    [
      'unknown people',
      { ...base, rules: [{ when: ['joined'], to: ['approver'], by: 'chat' }] },
      /rules\[0\]\.to\[0\]: is "approver" \(accepted: a list of requester/,
    ],
    [
      'another channel',
      { ...base, rules: [{ when: ['joined'], to: ['member'], by: 'chats' }] },
      /rules\[0\]\.by: there is no channel chats \(accepted: did you mean chat/,
    ],
    [
      'nobody to operate',
      { ...base, rules: [{ when: ['incident'], to: ['operators'], by: 'chat' }] },
      /rules\[0\]\.to: there are no operators/,
    ],
    [
      'a condition on a user',
      { ...base, rules: [{ when: ['joined'], to: ['member'], by: 'chat', if: { channel: user('mona') } }] },
      /rules\[0\]\.if\.channel/,
    ],
    ['an operator who is a channel', { ...base, operators: [channel('board')] }, /operators\[0\]/],
    [
      'a link without an id',
      { ...base, link: 'https://admit.example.com/' },
      /link: .*\(accepted: an http or https URL with \{id\}/,
    ],
    ['a link that runs', { ...base, link: 'javascript:{id}' }, /link/],
    ['a link with another placeholder', { ...base, link: 'https://admit.example.com/{id}/{name}' }, /link/],
    ['no patience at all', { ...base, retry: { scheduleToClose: '0s' } }, /retry\.scheduleToClose/],
    [
      'a maximum below the beginning',
      { ...base, retry: { maximumInterval: '1s' } },
      /retry\.maximumInterval: is 1s \(accepted: at least initialInterval, 5s\)/,
    ],
  ] as const)('%s', async ([, config, expected]) => {
    const issues = await issuesOf(config);
    expect(issues.join('\n')).toMatch(expected);
    expect(issues).toHaveLength(1);
  });

  test('all at once, in YAML too', async () => {
    expect(
      await issuesOf({ ...base, operators: ['x'], link: 'y', rules: [{ when: [], to: [], by: 'z' }] }),
    ).toHaveLength(4);
    expect(await issuesOf('channels: [')).not.toEqual([]);
    expect(await issuesOf('a: 1\na: 2')).not.toEqual([]);
    expect(await loadNotifications('/nowhere/n.yaml')).toMatchObject({
      ok: false,
      issues: [{ message: 'there is no such file' }],
    });
  });
});

const named = (fromName: string) => issuesOf({ ...base, channels: [mail({ smtp, addresses, fromName })] });

test('the name of the sender may be written in any language, in one line', async () => {
  expect(await named('Zutritt für Kanäle 入室')).toEqual([]);
  expect(await named('a\r\nBcc: eve@example.com')).toEqual([expect.stringContaining('accepted: 1 to 100 letters')]);
});

test('without rules the usual ones hold, by the first channel', async () => {
  const notifications = await notificationsOf({ ...base, channels: [chat(), { ...chat(), name: 'more' }] });
  const { deliveries, retry } = notifications.routing(eventOf());
  expect(deliveries.map(({ to, channel: by }) => [to, by])).toEqual(
    ['mona', 'max', 'ada'].map((name) => [user(name), 'chat']),
  );
  expect(retry).toEqual({ initialMs: 5_000, maximumMs: 600_000, forMs: 86_400_000 });
});

test('a delivery of a channel that this worker does not know may find another worker', async () => {
  const notifications = await notificationsOf(base);
  const sending = notifications.deliver(
    eventOf(),
    deliveryTo('mona', { channel: 'gone' }),
    new AbortController().signal,
  );
  await expect(sending).rejects.toThrow('this worker has no channel gone');
});

const PAGER = `import { defineChannel, FinalDeliveryError, z } from '${new URL('../../src/kit/channel.ts', import.meta.url).href}';
export const seen = [];
export default defineChannel({
  id: 'pager',
  params: z.strictObject({ number: z.string().regex(/^\\d+$/) }),
  check: ({ params: { number } }) => number === '0' ? [{ path: ['number'], message: 'is nobody' }] : [],
  async deliver(message, { params, secret, folder, signal }) {
    if (message.to.endsWith('/max')) throw new FinalDeliveryError('max has no pager');
    if (signal.aborted || !folder || secret('CHAT_SECRET') === undefined) throw new Error('something is missing');
    globalThis.paged = [params.number, message.subject];
  },
});
`;

const pager = (number: unknown) => ({
  ...base,
  channels: [{ name: 'pager', use: './pager.ts', params: { number } }],
});

describe("a channel of one's own", () => {
  test('is one file', async () => {
    const notifications = await notificationsOf(pager('112'), { 'pager.ts': PAGER });
    const { signal } = new AbortController();
    await notifications.deliver(eventOf(), deliveryTo('mona', { channel: 'pager' }), signal);
    expect((globalThis as { paged?: unknown }).paged).toEqual(['112', 'alice asks to join board']);
    const refused = notifications.deliver(eventOf(), deliveryTo('max', { channel: 'pager' }), signal);
    await expect(refused).rejects.toMatchObject({ message: 'max has no pager', nonRetryable: true });
  });

  test('is checked like the others', async () => {
    expect(await issuesOf(pager('x'), { 'pager.ts': PAGER })).toEqual([
      expect.stringContaining('channels[0].params.number'),
    ]);
    expect(await issuesOf(pager('0'), { 'pager.ts': PAGER })).toEqual([
      expect.stringContaining('params.number: is nobody'),
    ]);
    expect(await issuesOf(pager('1'), { 'pager.ts': 'export default {};' })).toEqual([
      expect.stringContaining('no default export that defineChannel made'),
    ]);
    expect(await issuesOf(pager('1'), { 'pager.ts': 'export default { deliver() {} };' })).toEqual([
      expect.stringContaining('no default export that defineChannel made'),
    ]);
    const unready = PAGER.replace("number === '0'", '(() => { throw new Error("no line") })()');
    expect(await issuesOf(pager('1'), { 'pager.ts': unready })).toEqual([
      expect.stringContaining('channels[0].params: cannot be checked: no line'),
    ]);
    expect(await issuesOf(pager('1'), { 'pager.ts': PAGER.replace('params: z.', 'parameters: z.') })).toEqual([
      expect.stringContaining('no default export that defineChannel made'),
    ]);
    expect(await issuesOf(pager('1'), { 'pager.ts': 'throw new Error("broken")' })).toEqual([
      expect.stringContaining('./pager.ts cannot be loaded: broken'),
    ]);
  });
});

test('the example is free of mistakes', async () => {
  const example = fileURLToPath(new URL('../../examples/notifications/notifications.yaml', import.meta.url));
  expect(await loadNotifications(example, () => SECRET)).toMatchObject({ ok: true });
  expect(await loadNotifications(example, () => undefined)).toMatchObject({ ok: false });
});
