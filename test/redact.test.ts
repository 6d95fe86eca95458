import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { printError } from '../src/cli/output.ts';
import { readConfig } from '../src/config.ts';
import { loadNotifications } from '../src/notifications/load-notifications.ts';
import { loadPolicySet } from '../src/policies/load/load-policy-set.ts';
import { redacted, shownAddress, redacting } from '../src/redact.ts';
import { connect } from '../src/service/connect.ts';
import { StartError } from '../src/worker-start.ts';
import { emptyFolder } from './stack/helpers.ts';
import { printed } from './support/admit.ts';

const SECRET = 'hunter2-S3CRET';
const JWK = JSON.stringify({ kty: 'OKP', crv: 'Ed25519', kid: 'k', x: 'x', d: SECRET });

test.each([
  [`https://user:${SECRET}@host.example/path`, 'https://***@host.example/path'],
  [`https://user:a@b/${SECRET}@host.example`, 'https://***@host.example'],
  [`smtp://${SECRET}@relay:25 refused`, 'smtp://***@relay:25 refused'],
  [`GET https://host.example/hook?token=${SECRET}#x failed`, 'GET https://host.example/hook?***#x failed'],
  [`cannot parse {"d":"${SECRET}-and-longer"}`, 'cannot parse {"d":"***"}'],
  [`-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n${SECRET}\n-----END RSA PRIVATE KEY-----.`, '***.'],
  [`-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n${SECRET}\n`, '***'],
  [`"Bearer ${SECRET}\n" has illegal characters`, '"Bearer ***\n" has illegal characters'],
  ['the explicit bearer frank-the-2nd holds no office', 'the explicit bearer frank-the-2nd holds no office'],
  [
    'arn:aws:chime:us-east-1:111122223333:app-instance/home/user/bob@example.com',
    'arn:aws:chime:us-east-1:111122223333:app-instance/home/user/bob@example.com',
  ],
])('%s', (text, expected) => {
  expect(redacted(text, {})).toBe(expected);
});

test('the secrets of the environment are in no message, however they got there; paths and short words are left alone', () => {
  const env = { CHAT_SECRET: SECRET, AWS_SECRET_ACCESS_KEY: 'local', ADMISSION_SIGNING_KEY: '/keys/me.json' };
  const key = `whsec_${Buffer.from(SECRET).toString('base64')}`;
  expect(redacted(`${key} does not fit`, { DESK: `${key} whsec_old` })).toBe('whsec_*** does not fit');
  expect(redacted(`local: ${SECRET} does not fit /keys/me.json`, env)).toBe('local: *** does not fit /keys/me.json');
});

test.each([
  ['ADMISSION_SIGNING_KEY', JWK],
  ['ADMISSION_SIGNING_KEY', `-----BEGIN PRIVATE KEY-----\n${SECRET}\n-----END PRIVATE KEY-----`],
  ['ADMISSION_SIGNING_KEY', SECRET],
  ['ADMISSION_ASSERTION_KEYS', JWK],
  ['ADMISSION_ASSERTION_KEYS', `https://user:${SECRET}@keys.example.com/jwks.json`],
  ['ADMISSION_ASSERTION_KEYS', `http://keys.example.com/jwks.json?token=${SECRET}`],
  ['ADMISSION_ID_KEY', SECRET],
  ['ADMISSION_UI_URL', `https://user:${SECRET}@ui.example.com`],
  ['ADMISSION_UI_URL', `ftp://user:${SECRET}@ui.example.com`],
  ['ADMISSION_UI_URL', `https://ui.example.com?token=${SECRET}`],
  ['ADMISSION_POLICIES', SECRET],
  ['ADMISSION_NOTIFICATIONS', `https://user:${SECRET}@files.example.com/notifications.yaml`],
  ['ADMISSION_BEARERS', `https://user:${SECRET}@bearers.example.com`],
  ['ADMISSION_LOG_LEVEL', `https://user:${SECRET}@logs.example.com`],
])('%s says what is wrong with it, and not what stands in it', (name, value) => {
  const config = readConfig({ [name]: value });
  expect(config).toMatchObject({ ok: false, issues: [{ field: name, accepted: expect.any(String) }] });
  expect(JSON.stringify(config)).not.toContain(SECRET);
});

test.each([`user:${SECRET}@127.0.0.1:1`, `https://user:${SECRET}@127.0.0.1:1`])(
  'an address of Temporal loses what stands before its @: %s',
  async (address) => {
    expect(shownAddress(address)).not.toContain(SECRET);
    const access = await connect({ TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: 'default' });
    expect(access).toMatchObject({ ok: false, error: { code: 'NoServer' } });
    expect(JSON.stringify(access)).not.toContain(SECRET);
  },
  20_000,
);

async function issuesOf(name: string, text: string): Promise<string> {
  const file = join(await emptyFolder(), name);
  await writeFile(file, text);
  const loaded = await (name === 'admission.yaml' ? loadPolicySet(file) : loadNotifications(file));
  expect(loaded.ok).toBe(false);
  return JSON.stringify(loaded);
}

const policies = (params: string) =>
  issuesOf(
    'admission.yaml',
    `apiVersion: admission/v1\nbindings:\n  - { name: service, use: http, params: { ${params} } }\n`,
  );
const channel = (use: string, params: string) =>
  issuesOf(
    'notifications.yaml',
    `apiVersion: admission/v1\nchannels:\n  - { name: chat, use: ${use}, params: { ${params} } }\n`,
  );

describe('files', () => {
  test.each([
    `url: "https://h.example", secretEnv: ${SECRET}`,
    `url: "https://h.example", secretEnv: [${SECRET}]`,
    `url: "https://h.example", secretEnv: *${SECRET}`,
    `url: "https://h.example", secretEnv: !${SECRET} x`,
    `url: "https://user:${SECRET}@h.example", secretEnv: A_SECRET`,
    `url: "https://h.example", secretEnv: A_SECRET, secret: ${SECRET}`,
  ])('a policy of %s', async (params) => {
    expect(await policies(params)).not.toContain(SECRET);
  });

  test.each([
    ['webhook', `url: "https://h.example", secretEnv: ${SECRET}`],
    ['webhook', `url: "http://h.example/?token=${SECRET}", secretEnv: A_SECRET`],
    ['email', `smtp: "smtp://user:${SECRET}@relay.example", from: a@b.example, addresses: {}`],
    ['email', `smtp: "smtp://relay.example", from: a@b.example, addresses: {}, user: me, passwordEnv: ${SECRET}`],
    ['email', `smtp: "smtp://relay.example", from: a@b.example, addresses: {}, password: ${SECRET}`],
  ])('a channel %s of %s', async (use, params) => {
    expect(await channel(use, params)).not.toContain(SECRET);
  });
});

test('what is printed of an error, and what a worker says when it does not start, goes through one redaction', () => {
  const url = `https://user:${SECRET}@h.example`;
  const said = [
    printed(() => {
      for (const json of [true, false]) printError(json, { code: 'X', message: url, accepted: url, details: [url] });
    }),
    new StartError(url, [url]).message,
  ];
  expect(said.join('')).not.toContain(SECRET);
  expect(said.join('').match(/\*\*\*@h\.example/g)).toHaveLength(8);
});

test.each([
  ['an error', (text: string) => new Error(text, { cause: new TypeError(text) })],
  ['a DOMException', (text: string) => new DOMException(text, 'AbortError')],
])('what an activity throws has no secret, and is of the same class: %s', async (_, made) => {
  const thrown = made(`https://user:${SECRET}@h.example`);
  const rejected = redacting.execute?.({ args: [], headers: {} }, () => Promise.reject(thrown));
  const caught = (await rejected?.catch((error: unknown) => error)) as Error;
  expect(caught).toBe(thrown);
  expect([caught.message, caught.stack, caught.cause].map(String).join()).not.toContain(SECRET);
  expect(caught.message).toBe('https://***@h.example');
});
