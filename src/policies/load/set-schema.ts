import { z } from 'zod';
import { PositiveDuration } from '../params/fields.ts';

export const KEBAB = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

const text = z.string().min(1).max(100);

const Retry = z.strictObject({
  initialInterval: PositiveDuration.exactOptional(),
  maximumInterval: PositiveDuration.exactOptional(),
  maximumAttempts: z.number().int().min(1).max(1_000).exactOptional(),
  scheduleToClose: PositiveDuration.exactOptional(),
});

/** A binding as it is written. */
export const BindingEntry = z.strictObject({
  /** The binding's own activity is `policy:<name>`. */
  name: z.string().regex(KEBAB).max(64),
  use: z.string().min(1).max(300),
  matchConditions: z.array(z.strictObject({ name: text, expression: z.string().min(1) })).default([]),
  /** Checked by the policy's own schema. */
  params: z.unknown().optional(),
  enforcement: z.enum(['Enforce', 'Warn', 'Audit', 'Off']).default('Enforce'),
  failurePolicy: z.enum(['Fail', 'Ignore', 'Escalate']).default('Fail'),
  timeout: PositiveDuration.exactOptional(),
  retry: Retry.exactOptional(),
});
export type BindingEntry = z.output<typeof BindingEntry>;

/** A policy set as it is written; bindings are checked one by one. */
export const SetEntry = z.strictObject({
  apiVersion: z.literal('admission/v1'),
  defaultVerdict: z.enum(['deny', 'requireApproval']).default('deny'),
  onPolicyChange: z.enum(['keep', 'reevaluate']).default('keep'),
  bindings: z.array(z.unknown()),
});
export type SetEntry = z.output<typeof SetEntry>;

const DURATION = 'a duration such as 500ms, 15s, 5m or 24h';

/** What the fields take, where the schema alone does not say it well. */
export const ACCEPTED_IN_SET = {
  '': 'a mapping with apiVersion, defaultVerdict, onPolicyChange and bindings',
  apiVersion: 'admission/v1',
  bindings: 'a list of bindings; [] for none',
};

export const ACCEPTED_IN_BINDING = {
  '': 'a mapping with name, use, matchConditions, params, enforcement, failurePolicy, timeout and retry',
  name: 'a name in kebab-case, at most 64 characters, such as office-hours',
  use: 'a built-in policy, a file such as ./policies/office-hours.ts, or an npm package',
  matchConditions: 'a list of { name, expression }',
  'matchConditions.name': 'a text of 1 to 100 characters',
  'matchConditions.expression': "an expression of CEL, such as request.type == 'HIDDEN'",
  timeout: DURATION,
  retry: 'a mapping with initialInterval, maximumInterval, maximumAttempts and scheduleToClose',
  'retry.initialInterval': DURATION,
  'retry.maximumInterval': DURATION,
  'retry.maximumAttempts': '1 to 1000',
  'retry.scheduleToClose': DURATION,
};
