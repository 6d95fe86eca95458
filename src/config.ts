import { existsSync } from 'node:fs';
import { z } from 'zod';
import { arnShape, parseArn } from './domain/arn.ts';
import { DURATION, durationMs, isDuration } from './domain/duration.ts';
import { FIXED_URL, isFixedUrl } from './domain/fixed-url.ts';
import type { FieldIssue, Parsed } from './domain/request.ts';
import { DEFAULT_RETRY } from './domain/settings.ts';
import { isUrl } from './identity/keys.ts';
import { inKind, isPath } from './redact.ts';

export type Environment = Record<string, string | undefined>;

/** A duration of the environment, in ms. */
const duration = (byDefault: number, least = 1) =>
  z
    .string()
    .refine((text) => isDuration(text) && durationMs(text) >= least)
    .transform(durationMs)
    .default(byDefault);

const bearers = z
  .string()
  .transform((text) => text.split(/[\s,]+/).filter(Boolean))
  .refine((arns) => arns.every((arn) => ['user', 'bot'].includes(parseArn(arn)?.kind ?? '')))
  .default([]);

/** It is printed with every request. */
function isPlainUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search;
}

const places = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((place) => place.trim())
      .filter(Boolean),
  )
  .refine((found) => found.every((place) => existsSync(place)))
  .default([]);

const variables = {
  ADMISSION_TASK_QUEUE: z.string().min(1).max(200).default('channel-admission'),
  ADMISSION_CHIME_TASK_QUEUE: z.string().min(1).max(200).default('chime-api'),
  ADMISSION_BEARERS: bearers,
  ADMISSION_TRUST_CLIENTS: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true'),
  ADMISSION_ASSERTION_KEYS: z
    .string()
    .refine((place) => (isUrl(place) ? isFixedUrl(place) : existsSync(place)))
    .optional(),
  ADMISSION_AUDIENCE: z
    .string()
    .regex(/^[A-Za-z0-9._:/-]{1,200}$/)
    .optional(),
  ADMISSION_SIGNING_KEY: z.string().refine(existsSync).optional(),
  ADMISSION_ID_KEY: z.string().min(32).optional(),
  ADMISSION_EXPIRE_AFTER: duration(durationMs('30d')),
  ADMISSION_VALID_FOR: duration(durationMs('15m')),
  ADMISSION_COMMANDS_PER_RUN: z.coerce.number().int().min(1).max(1_000).default(200),
  ADMISSION_RETRY_INITIAL: duration(DEFAULT_RETRY.initialMs),
  ADMISSION_RETRY_MAXIMUM: duration(DEFAULT_RETRY.maximumMs),
  ADMISSION_RETRY_FOR: duration(DEFAULT_RETRY.forMs),
  ADMISSION_ATTEMPT_TIMEOUT: duration(DEFAULT_RETRY.attemptTimeoutMs),
  ADMISSION_CALL_TIMEOUT: duration(durationMs('5s')),
  ADMISSION_FACT_TTL: duration(durationMs('5s'), 0),
  ADMISSION_UI_URL: z.string().refine(isPlainUrl).optional(),
  ADMISSION_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
  ADMISSION_POLICIES: z.string().refine(existsSync).optional(),
  ADMISSION_NOTIFICATIONS: z.string().refine(existsSync).optional(),
  ADMISSION_FLOWS: places,
  ADMISSION_WORKFLOW_BUNDLE: z.string().refine(existsSync).optional(),
};

/** What each variable accepts, for messages and for docs/operations.md. */
export const ACCEPTED: Record<keyof typeof variables, string> = {
  ADMISSION_TASK_QUEUE: 'the name of a task queue, 1 to 200 characters',
  ADMISSION_CHIME_TASK_QUEUE: 'the name of a task queue, 1 to 200 characters',
  ADMISSION_BEARERS: `ARNs of app instance admins, separated by commas: ${arnShape('user|bot')}`,
  ADMISSION_TRUST_CLIENTS: 'true or false',
  ADMISSION_ASSERTION_KEYS: `the path of a JWKS, such as \`admit keys new\` makes, or ${FIXED_URL}`,
  ADMISSION_AUDIENCE: 'the name of this deployment, 1 to 200 of A-Z a-z 0-9 . _ : / -',
  ADMISSION_SIGNING_KEY: 'the path of a private key that `admit keys new` made',
  ADMISSION_ID_KEY: 'a secret of at least 32 characters, such as `openssl rand -hex 32` prints',
  ADMISSION_EXPIRE_AFTER: DURATION,
  ADMISSION_VALID_FOR: DURATION,
  ADMISSION_COMMANDS_PER_RUN: 'a whole number from 1 to 1000',
  ADMISSION_RETRY_INITIAL: DURATION,
  ADMISSION_RETRY_MAXIMUM: DURATION,
  ADMISSION_RETRY_FOR: DURATION,
  ADMISSION_ATTEMPT_TIMEOUT: DURATION,
  ADMISSION_CALL_TIMEOUT: DURATION,
  ADMISSION_FACT_TTL: `${DURATION}; 0s turns the cache off`,
  ADMISSION_UI_URL: 'the URL of the Temporal UI, such as http://127.0.0.1:8233',
  ADMISSION_LOG_LEVEL: 'trace, debug, info, warn, error or fatal',
  ADMISSION_POLICIES: 'the path of a policy set, such as admission.yaml',
  ADMISSION_NOTIFICATIONS: 'the path of a file such as notifications.yaml',
  ADMISSION_FLOWS: 'paths of flows, or of folders of them, separated by commas, such as flows/',
  ADMISSION_WORKFLOW_BUNDLE: 'the path of a file that `npm run build` made',
};

const schema = z.object(variables);
export type Config = z.output<typeof schema>;

/** Reads the environment; a bad value gives the variable's name and what is accepted. */
export function readConfig(env: Environment): Parsed<Config> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = schema.safeParse(given);
  const issues = [
    ...(parsed.success ? [] : parsed.error.issues.map((issue) => toIssue(issue, given))),
    ...unknown(given),
    ...(parsed.success && parsed.data.ADMISSION_RETRY_MAXIMUM < parsed.data.ADMISSION_RETRY_INITIAL
      ? [
          {
            field: 'ADMISSION_RETRY_MAXIMUM',
            message: 'ADMISSION_RETRY_MAXIMUM is less than ADMISSION_RETRY_INITIAL',
            accepted: 'at least ADMISSION_RETRY_INITIAL',
          },
        ]
      : []),
  ];
  return parsed.success && issues.length === 0 ? { ok: true, value: parsed.data } : { ok: false, issues };
}

function toIssue({ path }: z.core.$ZodIssue, given: Environment): FieldIssue {
  const field = path.join('.') as keyof typeof variables;
  return { field, message: `${field} ${valueText(field, given[field] ?? '')}`, accepted: ACCEPTED[field] };
}

/** What is a secret, or is often mistaken for the place of one: it is told by its kind alone, unless it is a path. */
const DISCREET: readonly (keyof typeof variables)[] = [
  'ADMISSION_ASSERTION_KEYS',
  'ADMISSION_SIGNING_KEY',
  'ADMISSION_UI_URL',
  'ADMISSION_POLICIES',
  'ADMISSION_NOTIFICATIONS',
  'ADMISSION_WORKFLOW_BUNDLE',
];

/** A number, a duration, words or an ARN: whatever else stands in the wrong variable may be a secret. */
const PLAIN =
  /^(-?[\d.]{1,9} ?[a-z]{0,8}(\d{1,4}[a-z]{1,2})?|[a-z]{1,12}( [a-z]{1,12})?|arn:aws[a-z-]{0,20}:chime:[\w:/@.-]*)$/i;

function valueText(field: keyof typeof variables, value: string): string {
  if (field === 'ADMISSION_ID_KEY') return 'is too short';
  const isPlain = DISCREET.includes(field)
    ? field === 'ADMISSION_UI_URL' && HOST.test(value)
    : value.split(',').every((one) => PLAIN.test(one.trim()) || isPath(one.trim()));
  return isPath(value) || isPlain ? `is ${JSON.stringify(value)}` : inKind(value);
}

/** A URL whose scheme was forgotten. */
const HOST = /^[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+(:\d+)?$/i;

/** A misspelled variable would silently do nothing. These belong to other parts of the project. */
const OTHERS = ['ADMISSION_CACHE'];

function unknown(given: Environment): FieldIssue[] {
  return Object.keys(given)
    .filter((name) => name.startsWith('ADMISSION_') && !(name in variables) && !OTHERS.includes(name))
    .map((field) => ({
      field,
      message: `there is no variable ${field}`,
      accepted: Object.keys(variables).join(', '),
    }));
}
