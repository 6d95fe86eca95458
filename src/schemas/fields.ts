import { z } from 'zod';
import type * as domain from '../domain/actor.ts';
import { isUser, parseArn } from '../domain/arn.ts';
import { DURATION, DURATION_GRAMMAR, durationMs, isDuration } from '../domain/duration.ts';

type Frozen<T> = T extends readonly (infer I)[]
  ? readonly Frozen<I>[]
  : T extends object
    ? { readonly [K in keyof T]: Frozen<T[K]> }
    : T;

/** The schema itself where it gives exactly a T, and `never` where one of both knows more than the other. */
export type SchemaOf<T, S extends z.ZodType> = [Frozen<z.output<S>>] extends [Frozen<T>]
  ? [Frozen<T>] extends [Frozen<z.output<S>>]
    ? S
    : never
  : never;

/** Checks at compile time that a schema gives exactly a T. */
export function schemaOf<T>() {
  return <S extends z.ZodType>(schema: SchemaOf<T, S>): S => schema;
}

/** A duration as people write it: `500ms`, `15s`, `24h`, `30d`; at most ten years. */
export const Duration = z
  .string()
  .regex(DURATION_GRAMMAR, { error: DURATION, abort: true })
  .refine(isDuration, { error: DURATION, abort: true });

/** A time that passes. */
export const PositiveDuration = Duration.refine((text) => durationMs(text) > 0, 'no time at all');

export const ChannelArn = z.string().refine((text) => parseArn(text)?.kind === 'channel', 'the ARN of a channel');
export const UserArn = z.string().refine(isUser, 'the ARN of a user');
export const UserOrBotArn = z
  .string()
  .refine((text) => ['user', 'bot'].includes(parseArn(text)?.kind ?? ''), 'the ARN of a user or bot');

export const Actor = schemaOf<domain.Actor>()(
  z.strictObject({ principal: z.string().min(1).max(1600), assertion: z.string().max(8192).exactOptional() }),
);

/** A reason that people read. */
export const Why = z.string().min(1).max(1024).regex(/\S/, 'it says nothing');
/** Of what a reviewer has seen, SHA-256 (hex). */
export const Digest = z.string().regex(/^[0-9a-f]{64}$/);
/** Makes giving the same review twice harmless. */
export const ReviewId = z.string().regex(/^[\w.:-]{1,64}$/);
/** Answers to what was asked, whatever that was. */
export const GivenAnswers = z.record(z.string(), z.unknown());
