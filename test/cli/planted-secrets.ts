import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { emptyFolder } from '../stack/helpers.ts';

/** Each place has a secret of its own, so that a leak names the place. Some pass as names of variables. */
export const secret = (place: string) =>
  `S3CR3T_${place.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}_OF_32_CHARACTERS_AND_MORE`;
export const LEAK = /S3CR3T_\w+/gi;
export const inUrl = (place: string, host = '127.0.0.1:1') =>
  `https://user:${secret(place)}@${host}/?token=${secret(place)}`;

export const HOME = 'arn:aws:chime:us-east-1:111122223333:app-instance/home';
export const [CHANNEL, USER, BOT] = [`${HOME}/channel/board`, `${HOME}/user/alice`, `${HOME}/bot/service`];
export type Files = Record<keyof typeof FILES, string>;

export const PRIVATE = (place: string) =>
  JSON.stringify({ kty: 'OKP', crv: 'Ed25519', kid: 'k', x: 'x', d: secret(place) });
export const PEM = (place: string) => `-----BEGIN PRIVATE KEY-----\n${secret(place)}\n-----END PRIVATE KEY-----`;

/** Files with a secret in every place where one is typed by mistake, and names of variables that are none. */
const FILES = {
  policies: `apiVersion: admission/v1
bindings:
  - { name: a, use: http, params: { url: "${inUrl('policy url')}", secretEnv: A_NAME } }
  - { name: b, use: http, params: { url: "https://h.example", secretEnv: "${secret('policy lower').toLowerCase()}" } }
  - { name: c, use: http, params: { url: "https://h.example", secretEnv: A_NAME, secret: "${secret('policy field')}" } }
`,
  good: `apiVersion: admission/v1
bindings:
  - { name: a, use: http, params: { url: "https://h.example", secretEnv: ${secret('policy name')} } }
`,
  fixture: `set: good
cases: [{ name: a, request: { token: "${secret('fixture')}" }, url: "${inUrl('fixture url')}" }]
`,
  notifications: `apiVersion: admission/v1
channels:
  - { name: a, use: webhook, params: { url: "${inUrl('webhook url')}", secretEnv: A_NAME } }
  - { name: b, use: webhook, params: { url: "https://h.example", secretEnv: ${secret('webhook name')} } }
  - { name: c, use: email, params: { smtp: "smtp://user:${secret('smtp')}@h.example", from: a@b.example, addresses: {} } }
  - { name: d, use: email, params: { smtp: "smtp://h.example", from: a@b.example, addresses: {}, user: u, passwordEnv: ${secret('smtp name')} } }
`,
  brokenFlow: `apiVersion: onboarding/v1
name: broken
token: "${secret('flow token')}"
params: { a: { type: channel, default: "${inUrl('flow param')}" } }
steps: [{ id: x, kind: join, channelArn: "${inUrl('flow channel')}", password: "${secret('flow password')}" }]
`,
  brokenKey: PRIVATE('key file'),
  pem: PEM('pem file'),
  jwks: JSON.stringify({ keys: [JSON.parse(PRIVATE('jwks'))] }),
  toml: `[profile.default]\naddress = "127.0.0.1:1"\napi_key = "${secret('toml')}"\nbroken = ${secret('toml broken')}\n`,
  facts: `channel: { privacy: PUBLIC, mode: UNRESTRICTED, elastic: false }
requester.role: outsider
member.membership: null
`,
};

export async function written(): Promise<{ files: Files; folder: string }> {
  const folder = await emptyFolder();
  const names = Object.keys(FILES) as (keyof typeof FILES)[];
  const files = Object.fromEntries(names.map((name) => [name, join(folder, nameOf(name))])) as Files;
  await Promise.all(names.map((name) => writeFile(files[name], FILES[name], { mode: 0o600 })));
  return { files, folder };
}

function nameOf(name: keyof typeof FILES): string {
  if (['brokenKey', 'jwks'].includes(name)) return `${name}.json`;
  return name === 'fixture' ? 'fixture.test.yaml' : `${name}.${name === 'toml' || name === 'pem' ? name : 'yaml'}`;
}

/** The environment as it is meant, to servers that are dead. */
export const MEANT = {
  ADMISSION_ID_KEY: secret('id key'),
  ADMISSION_BEARERS: BOT,
  TEMPORAL_ADDRESS: `user:${secret('address')}@127.0.0.1:1`,
  TEMPORAL_API_KEY: secret('api key'),
  TEMPORAL_TLS_CLIENT_CERT_DATA: PEM('cert data'),
  TEMPORAL_TLS_CLIENT_KEY_DATA: PEM('key data'),
  TEMPORAL_GRPC_META_AUTHORIZATION: secret('metadata'),
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: secret('aws secret'),
  AWS_SESSION_TOKEN: secret('aws token'),
  AWS_ENDPOINT_URL: inUrl('aws endpoint'),
  AWS_MAX_ATTEMPTS: '1',
  ADMISSION_CALL_TIMEOUT: '1s',
  HTTP_PROXY: inUrl('proxy'),
  HTTPS_PROXY: inUrl('https proxy'),
  http_proxy: inUrl('small proxy'),
};
