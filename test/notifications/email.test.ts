import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { ReceivedMail } from '../support/smtp-server.ts';
import { issuesOf } from './config-folder.ts';
import { configOf, failureOf, sender, smtp, to } from './email-setup.ts';
import { eventOf, user } from './events.ts';

/** The headers of a mail by their names in small letters, unfolded; each name once or the test fails. */
function headersOf({ data }: ReceivedMail): Record<string, string> {
  const head = data.slice(0, data.indexOf('\r\n\r\n')).replaceAll(/\r\n[ \t]+/g, ' ');
  const headers = head.split('\r\n').map((line) => {
    const at = line.indexOf(':');
    return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()] as const;
  });
  expect(new Set(headers.map(([name]) => name)).size).toBe(headers.length);
  return Object.fromEntries(headers);
}

/** The decoded text and HTML of a mail. */
function partsOf({ data }: ReceivedMail): { text: string; html: string } {
  const boundary = /boundary="([^"]+)"/.exec(data)?.[1] ?? '';
  const parts = data
    .split(`--${boundary}`)
    .slice(1, 3)
    .map((part) => {
      const [head = '', ...body] = part.trimStart().split('\r\n\r\n');
      const content = body.join('\r\n\r\n').trim();
      if (/base64/i.test(head)) return Buffer.from(content, 'base64').toString();
      if (!/quoted-printable/i.test(head)) return content;
      const bytes = content.replaceAll(/=\r\n/g, '').replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => {
        return String.fromCharCode(Number.parseInt(hex, 16));
      });
      return Buffer.from(bytes, 'latin1').toString();
    });
  return { text: parts[0] ?? '', html: parts[1] ?? '' };
}

test('a person gets a mail of their own, as text and as HTML, with an id that stays the same', async () => {
  const server = await smtp();
  const send = await sender(server.url, { replyTo: 'help@example.com', fromName: 'Zutritt für alle' });
  const event = eventOf({ message: 'Is 1 < 2 & "so"?', dueAt: '2026-02-03T04:05:06Z' });
  await send(to('mona'), event);
  await send(to('mona'), event);
  const [first, second] = server.mails as [ReceivedMail, ReceivedMail];
  expect(first).toMatchObject({ from: 'admission@example.com', to: ['mona@example.com'] });
  const headers = headersOf(first);
  expect(headers).toMatchObject({
    from: '=?UTF-8?Q?Zutritt_f=C3=BCr_alle?= <admission@example.com>',
    to: 'mona@example.com',
    'reply-to': 'help@example.com',
    subject: 'alice asks to join board',
    'message-id': '<d-mona@example.com>',
    date: 'Mon, 05 Jan 2026 12:00:00 +0000',
    'auto-submitted': 'auto-generated',
  });
  expect(headersOf(second)['message-id']).toBe(headers['message-id']);
  const { text, html } = partsOf(first);
  expect(text.replaceAll('\r', '')).toBe(
    [
      'alice asks to join board.',
      'Is 1 < 2 & "so"?',
      'It waits until 2026-02-03 04:05 UTC.',
      'https://admit.example.com/join%3Aboard%3Aalice%3A0a1b2c3d?a=1&b=2',
    ].join('\n\n'),
  );
  expect(html).toContain('<p>Is 1 &#60; 2 &#38; &#34;so&#34;?</p>');
  expect(html).toContain('<a href="https://admit.example.com/join%3Aboard%3Aalice%3A0a1b2c3d?a=1&#38;b=2">');
});

test('people who are told of the same event do not see each other', async () => {
  const server = await smtp();
  const send = await sender(server.url);
  await Promise.all(['mona', 'max', 'ada'].map((name) => send(to(name))));
  expect(server.mails.map((one) => one.to.join()).toSorted()).toEqual([
    'ada@example.com',
    'max@example.com',
    'mona@example.com',
  ]);
  for (const one of server.mails) {
    expect(new Set(one.data.match(/(mona|max|ada)@example\.com/g))).toEqual(new Set(one.to));
  }
});

test('a recipient who is refused is given up, and the others are told', async () => {
  const server = await smtp({
    refuse: (_, address) => (address.startsWith('max@') ? '550 no such user here' : undefined),
  });
  const send = await sender(server.url);
  await send(to('mona'));
  expect(await failureOf(send(to('max')))).toMatchObject({
    final: true,
    message: expect.stringContaining('550 no such'),
  });
  await send(to('ada'));
  expect(server.mails.flatMap((one) => one.to)).toEqual(['mona@example.com', 'ada@example.com']);
});

test.for([
  ['RCPT', '450 greylisted, come again', false],
  ['RCPT', '451 later', false],
  ['RCPT', '552 mailbox full', true],
  ['MAIL', '550 sender not known', false],
  ['CONNECT', '421 too many connections', false],
  ['CONNECT', '554 not from there', false],
  ['DATA', '552 too big', true],
  ['DATA', '452 no space', false],
] as const)('%s answered with %s is final: %j', async ([refused, answer, final]) => {
  const server = await smtp({ refuse: (step) => (step === refused ? answer : undefined) });
  const send = await sender(server.url);
  const failed = await failureOf(send(to('mona')));
  expect([failed.final, server.mails]).toEqual([final, []]);
  expect(failed.message).toContain(answer);
});

test('a greylisted mail is taken when it comes again', async () => {
  const seen = new Set<string>();
  const server = await smtp({
    refuse(step, address) {
      if (step !== 'RCPT' || seen.has(address)) return undefined;
      seen.add(address);
      return '450 greylisted';
    },
  });
  const send = await sender(server.url);
  expect(await failureOf(send(to('mona')))).toMatchObject({ final: false });
  await send(to('mona'));
  expect(server.mails).toHaveLength(1);
});

test('nothing that a user writes becomes a header, a recipient or a command', async () => {
  const server = await smtp();
  const send = await sender(server.url);
  const evil = 'x\r\nBcc: eve@example.com\r\n\r\n<script>alert(1)</script>\r\n.\r\nRCPT TO:<eve@example.com>\r\n';
  const event = eventOf({ message: evil, code: evil });
  await send(to('mona'), { ...event, request: { ...event.request, reason: evil } });
  const [only] = server.mails as [ReceivedMail];
  expect(server.mails).toHaveLength(1);
  expect(only.to).toEqual(['mona@example.com']);
  expect(Object.keys(headersOf(only))).not.toContain('bcc');
  expect(server.commands.filter((line) => line.includes('eve'))).toEqual([]);
  const { html, text } = partsOf(only);
  expect(html).not.toContain('<script>');
  expect(text).toContain('x⏎Bcc: eve@example.com⏎⏎<script>');
});

test('without an address nobody is written to, and trying again would not help', async () => {
  const server = await smtp();
  const failed = await failureOf((await sender(server.url))(to('zoe')));
  expect(failed).toEqual({ final: true, message: `no e-mail address is known of ${user('zoe')}` });
  expect(server.commands).toEqual([]);
});

test('a login is given, and a refused one is for an operator to mend', async () => {
  const server = await smtp({ login: ['admission', 'open sesame'] });
  const login = { user: 'admission', passwordEnv: 'MAIL_PASSWORD' };
  await (
    await sender(server.url, login)
  )(to('mona'));
  expect(server.mails).toHaveLength(1);
  const refused = await failureOf((await sender(server.url, { ...login, user: 'somebody' }))(to('mona')));
  expect(refused).toMatchObject({ final: false, message: expect.stringContaining('535') });
  expect(refused.message).not.toContain('sesame');
  expect(await failureOf((await sender(server.url))(to('mona')))).toMatchObject({ final: false });
});

test('a server that is not there may be there next time', async () => {
  const send = await sender('smtp://127.0.0.1:9');
  expect(await failureOf(send(to('mona')))).toMatchObject({ final: false });
});

test('a file of addresses is read again when it has changed', async () => {
  const server = await smtp();
  const folder = await mkdtemp(join(tmpdir(), 'people-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = `${folder}/people.yaml`;
  await writeFile(file, `${user('mona')}: mona@example.com\n`);
  const send = await sender(server.url, { addresses: undefined, addressesFrom: file });
  await send(to('mona'));
  await writeFile(file, `${user('mona')}: mona.new@example.com\n${user('max')}: max@example.com\n`);
  await send(to('mona'));
  await send(to('max'));
  expect(server.mails.flatMap((one) => one.to)).toEqual([
    'mona@example.com',
    'mona.new@example.com',
    'max@example.com',
  ]);
  await writeFile(file, `${user('mona')}: [mona@example.com, eve@example.com]\n`);
  expect(await failureOf(send(to('mona')))).toMatchObject({
    final: false,
    message: expect.stringContaining('people.yaml'),
  });
});

test.for([
  ['mona'],
  ['mona@example.com, eve@example.com'],
  ['mona@example.com\r\nBcc: eve@example.com'],
  ['Mona <mona@example.com>'],
  [''],
])('%j is no address', async ([address]) => {
  const addresses = { [user('mona')]: address };
  const [issue] = await issuesOf(configOf('smtp://127.0.0.1:9', { addresses }));
  expect(issue).toContain('channels[0].params.addresses');
});
