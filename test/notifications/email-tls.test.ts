import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { CERTIFICATE } from '../support/smtp-server.ts';
import { failureOf, sender, smtp, to } from './email-setup.ts';

/** From here to the end of the test, what the server shows is good. */
function trustTheServer() {
  const before = getCACertificates();
  setDefaultCACertificates([...before, CERTIFICATE]);
  onTestFinished(() => setDefaultCACertificates(before));
}

const LOGIN = { user: 'admission', passwordEnv: 'MAIL_PASSWORD' };

const login = ['admission', 'open sesame'] as const;

test.for(['required', 'optional'])('where TLS is %s and offered, login and mail go by it', async (tls) => {
  trustTheServer();
  const server = await smtp({ tls: 'STARTTLS', login });
  const send = await sender(server.url, { ...LOGIN, tls });
  await send(to('mona'));
  expect(server.mails).toMatchObject([{ to: ['mona@example.com'], secure: true, user: 'admission' }]);
  expect(server.commands.map((line) => line.split(' ')[0])).toEqual([
    'EHLO',
    'STARTTLS',
    'EHLO',
    'AUTH',
    'MAIL',
    'RCPT',
    'DATA',
  ]);
});

test('smtps is TLS from the first byte on', async () => {
  trustTheServer();
  const server = await smtp({ tls: 'smtps', login });
  const send = await sender(server.url, LOGIN);
  await send(to('mona'));
  expect(server.mails).toMatchObject([{ to: ['mona@example.com'], secure: true, user: 'admission' }]);
  expect(server.commands).toContain('AUTH PLAIN /* secured */');
});

test.for([
  ['STARTTLS', 'required'],
  ['STARTTLS', 'optional'],
  ['smtps', 'optional'],
] as const)('%s, %s: to a server whose certificate is not trusted nothing is said', async ([offered, tls]) => {
  const server = await smtp({ tls: offered, login });
  const failed = await failureOf((await sender(server.url, { ...LOGIN, tls }))(to('mona')));
  expect(failed).toEqual({ final: false, message: expect.stringContaining('self-signed certificate') });
  expect(server.commands.filter((line) => /^(AUTH|MAIL|RCPT)/.test(line))).toEqual([]);
});

test('a certificate that is trusted, but not for this host, is none', async () => {
  trustTheServer();
  const server = await smtp({ tls: 'smtps' });
  // On Linux this leads to the same server.
  const failed = await failureOf((await sender(server.url.replace('127.0.0.1', '0.0.0.0')))(to('mona')));
  expect(failed).toEqual({ final: false, message: expect.stringContaining("does not match certificate's altnames") });
  expect(server.commands).toEqual([]);
});

test('a relay on loopback may offer a certificate of its own making: it is reached without', async () => {
  const server = await smtp({ tls: 'STARTTLS' });
  const send = await sender(server.url);
  await send(to('mona'));
  expect(server.mails).toMatchObject([{ to: ['mona@example.com'], secure: false }]);
});

test('where TLS is required nothing is said without it', async () => {
  const server = await smtp();
  const failed = await failureOf((await sender(server.url, { tls: 'required' }))(to('mona')));
  expect(failed).toMatchObject({ final: false, message: expect.stringMatching(/STARTTLS/i) });
  expect(server.commands.filter((line) => /^(MAIL|RCPT|AUTH)/.test(line))).toEqual([]);
});

test('a server that is not on loopback has to offer TLS, unless it is said that it need not', async () => {
  const server = await smtp();
  // On Linux this leads to loopback, without saying so.
  const url = server.url.replace('127.0.0.1', '0.0.0.0');
  expect(await failureOf((await sender(url))(to('mona')))).toMatchObject({
    message: expect.stringMatching(/STARTTLS/i),
  });
  await (
    await sender(url, { tls: 'optional' })
  )(to('mona'));
  expect(server.mails).toHaveLength(1);
});
