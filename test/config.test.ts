import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { ACCEPTED, readConfig } from '../src/config.ts';
import { packageVersion } from '../src/package-files.ts';
import type { Environment } from '../src/config.ts';

const HOME = 'arn:aws:chime:us-east-1:111122223333:app-instance/home';

const valueOf = (env: Environment) => {
  const config = readConfig(env);
  if (!config.ok) throw new Error(JSON.stringify(config.issues));
  return config.value;
};
const issuesOf = (env: Environment) => {
  const config = readConfig(env);
  return config.ok ? [] : config.issues;
};

describe('a bad value is refused, with the variable and what it accepts', () => {
  const durations = [
    'ADMISSION_EXPIRE_AFTER',
    'ADMISSION_VALID_FOR',
    'ADMISSION_RETRY_INITIAL',
    'ADMISSION_RETRY_MAXIMUM',
    'ADMISSION_RETRY_FOR',
    'ADMISSION_ATTEMPT_TIMEOUT',
    'ADMISSION_CALL_TIMEOUT',
    'ADMISSION_FACT_TTL',
  ];
  const bad: readonly (readonly [string, string])[] = [
    ['ADMISSION_TASK_QUEUE', 'q'.repeat(201)],
    ['ADMISSION_CHIME_TASK_QUEUE', 'q'.repeat(201)],
    ['ADMISSION_BEARERS', 'service'],
    ['ADMISSION_BEARERS', `${HOME}/bot/service, ${HOME}/channel/board`],
    ['ADMISSION_BEARERS', HOME],
    ...['TRUE', '1', 'yes', ' true'].map((value) => ['ADMISSION_TRUST_CLIENTS', value] as const),
    ...durations.flatMap((name) =>
      ['5', 'soon', '-5s', '5 weeks', '1h30m', '5S'].map((value) => [name, value] as const),
    ),
    ...['/nowhere/keys.json', 'https://', 'ftp://keys.example.com/jwks.json', 'http://keys.example.com/jwks.json'].map(
      (value) => ['ADMISSION_ASSERTION_KEYS', value] as const,
    ),
    ['ADMISSION_AUDIENCE', 'two words'],
    ['ADMISSION_SIGNING_KEY', '/nowhere/key.json'],
    ['ADMISSION_ID_KEY', 'k'.repeat(31)],
    ...['0', '1001', '2.5', 'many'].map((value) => ['ADMISSION_COMMANDS_PER_RUN', value] as const),
    ['ADMISSION_UI_URL', '127.0.0.1'],
    ['ADMISSION_LOG_LEVEL', 'verbose'],
    ['ADMISSION_POLICIES', '/nowhere/admission.yaml'],
    ['ADMISSION_NOTIFICATIONS', '/nowhere/notifications.yaml'],
    ['ADMISSION_FLOWS', '/tmp,/nowhere/flows'],
    ['ADMISSION_WORKFLOW_BUNDLE', '/nowhere/bundle.js'],
  ];

  test.each(bad)('%s=%s', (name, value) => {
    const accepted = ACCEPTED[name as keyof typeof ACCEPTED];
    // What may be a secret is not quoted, however bad it is.
    const long = value.length > 200 ? `is a text of ${value.length} characters` : `is ${JSON.stringify(value)}`;
    const is = name === 'ADMISSION_ID_KEY' ? 'is too short' : long;
    expect(issuesOf({ [name]: value })).toEqual([{ field: name, message: `${name} ${is}`, accepted }]);
  });

  test('every variable has such a line here', () => {
    expect(new Set(bad.map(([name]) => name))).toEqual(new Set(Object.keys(ACCEPTED)));
  });

  test('all bad ones are told at once', () => {
    const fields = issuesOf({ ADMISSION_LOG_LEVEL: 'x', ADMISSION_FACT_TTL: 'x', ADMISSION_NO: 'x' });
    expect(fields.map(({ field }) => field).toSorted()).toEqual([
      'ADMISSION_FACT_TTL',
      'ADMISSION_LOG_LEVEL',
      'ADMISSION_NO',
    ]);
  });

  // Temporal refuses such retry policies only when a request is about to be granted, and then every request fails.
  test.each([
    ['ADMISSION_RETRY_INITIAL', { ADMISSION_RETRY_INITIAL: '0s' }],
    ['ADMISSION_RETRY_MAXIMUM', { ADMISSION_RETRY_MAXIMUM: '0s' }],
    ['ADMISSION_RETRY_MAXIMUM', { ADMISSION_RETRY_INITIAL: '10s', ADMISSION_RETRY_MAXIMUM: '5s' }],
    ['ADMISSION_RETRY_FOR', { ADMISSION_RETRY_FOR: '0s' }],
    ['ADMISSION_ATTEMPT_TIMEOUT', { ADMISSION_ATTEMPT_TIMEOUT: '0s' }],
    ['ADMISSION_CALL_TIMEOUT', { ADMISSION_CALL_TIMEOUT: '0s' }],
    ['ADMISSION_EXPIRE_AFTER', { ADMISSION_EXPIRE_AFTER: '999999999999d' }],
    ['ADMISSION_EXPIRE_AFTER', { ADMISSION_EXPIRE_AFTER: '1.5h' }],
    ['ADMISSION_EXPIRE_AFTER', { ADMISSION_EXPIRE_AFTER: '5 s' }],
  ])('a duration that nothing can work with: %s in %j', (field, env) => {
    expect(issuesOf(env)).toMatchObject([{ field }]);
  });
});

describe('unknown variables', () => {
  test('a misspelled one is refused, and the known ones are named', () => {
    const [issue] = issuesOf({ ADMISSION_TRUST_CLIENT: 'false' });
    expect(issue).toMatchObject({ field: 'ADMISSION_TRUST_CLIENT' });
    for (const name of Object.keys(ACCEPTED)) expect(issue?.accepted).toContain(name);
  });

  test('those of others are none of its business', () => {
    expect(issuesOf({ PATH: '/bin', AWS_REGION: 'x', TEMPORAL_ADDRESS: 'x', ADMISSION_CACHE: '/tmp' })).toEqual([]);
  });
});

describe('good values', () => {
  test('without any, the defaults are those of the design', () => {
    expect(valueOf({})).toEqual({
      ADMISSION_TASK_QUEUE: 'channel-admission',
      ADMISSION_CHIME_TASK_QUEUE: 'chime-api',
      ADMISSION_FLOWS: [],
      ADMISSION_BEARERS: [],
      ADMISSION_TRUST_CLIENTS: false,
      ADMISSION_EXPIRE_AFTER: 30 * 86_400_000,
      ADMISSION_VALID_FOR: 900_000,
      ADMISSION_COMMANDS_PER_RUN: 200,
      ADMISSION_RETRY_INITIAL: 1_000,
      ADMISSION_RETRY_MAXIMUM: 60_000,
      ADMISSION_RETRY_FOR: 86_400_000,
      ADMISSION_ATTEMPT_TIMEOUT: 15_000,
      ADMISSION_CALL_TIMEOUT: 5_000,
      ADMISSION_FACT_TTL: 5_000,
      ADMISSION_LOG_LEVEL: 'info',
    });
  });

  test('an empty variable counts as not set', () => {
    expect(valueOf({ ADMISSION_TASK_QUEUE: '', ADMISSION_TRUST_CLIENTS: '', ADMISSION_FACT_TTL: undefined })).toEqual(
      valueOf({}),
    );
  });

  test.each([
    ['false', false],
    ['true', true],
  ])('clients are trusted only if it says true: %s', (value, trusted) => {
    expect(valueOf({ ADMISSION_TRUST_CLIENTS: value }).ADMISSION_TRUST_CLIENTS).toBe(trusted);
  });

  test.each([
    ['500ms', 500],
    ['15s', 15_000],
    ['2m', 120_000],
    ['24h', 86_400_000],
    ['30d', 2_592_000_000],
    ['0s', 0],
  ])('a duration of %s is %d ms', (text, expected) => {
    expect(valueOf({ ADMISSION_FACT_TTL: text }).ADMISSION_FACT_TTL).toBe(expected);
  });

  test('bearers are separated by commas, spaces or lines', () => {
    const [a, b, c] = [`${HOME}/bot/a`, `${HOME}/user/b`, `${HOME}/bot/c`];
    expect(valueOf({ ADMISSION_BEARERS: ` ${a}, ${b}\n${c},` }).ADMISSION_BEARERS).toEqual([a, b, c]);
  });

  test.each(['https://keys.example.com/jwks.json', 'http://127.0.0.1:8080/jwks.json', fileURLToPath(import.meta.url)])(
    'verification keys come from a URL or a file: %s',
    (place) => {
      expect(valueOf({ ADMISSION_ASSERTION_KEYS: place }).ADMISSION_ASSERTION_KEYS).toBe(place);
    },
  );

  test('a bundle that is there is taken', () => {
    const file = fileURLToPath(import.meta.url);
    expect(valueOf({ ADMISSION_WORKFLOW_BUNDLE: file }).ADMISSION_WORKFLOW_BUNDLE).toBe(file);
  });
});

test('the version is that of the package', () => {
  expect(packageVersion()).toMatch(/^\d+\.\d+\.\d+/);
});
