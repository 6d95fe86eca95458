import { readFile } from 'node:fs/promises';
import type { InputSchema } from '../domain/input-schema.ts';
import { bad, good } from '../service/result.ts';
import type { Result } from '../service/result.ts';

/** The ways to give answers; one of them. */
export interface AnswerOptions {
  answer?: string[];
  answers?: string;
  answersFile?: string;
}

type Answers = Record<string, unknown>;

/** The answers that are meant. Whether they fit is for the request to say. */
export async function answersFrom(options: AnswerOptions, schema: InputSchema): Promise<Result<Answers>> {
  const { answer, answers, answersFile } = options;
  if ([answer, answers, answersFile].filter((one) => one !== undefined).length > 1) {
    return invalid('answers', 'answers are given in one way', '--answer, --answers or --answers-file');
  }
  if (answer) return fromFields(answer, schema);
  if (answersFile === undefined) return fromJson(answers ?? '', '--answers');
  const text = await readFile(answersFile, 'utf8').catch(() => undefined);
  if (text === undefined) return invalid('answers', `--answers-file: ${answersFile} cannot be read`, 'a file');
  return fromJson(text, '--answers-file');
}

function fromJson(text: string, flag: string): Result<Answers> {
  const parsed = parseJson(text);
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return good(parsed as Answers);
  return invalid('answers', `${flag}: this is no JSON object`, '{"field": "value"}');
}

function fromFields(fields: readonly string[], schema: InputSchema): Result<Answers> {
  const answers: Answers = {};
  for (const field of fields) {
    const [, name, text = ''] = /^([^=]+)=(.*)$/s.exec(field) ?? [];
    if (name === undefined) return invalid('answers', `--answer: ${field} names no field`, 'field=value');
    answers[name] = valueOf(text, typeOf(name, schema));
  }
  return good(answers);
}

/** A text as the field wants it: what is no text there is read as JSON, and left as it is where it is none. */
function valueOf(text: string, type: unknown): unknown {
  return type === undefined || type === 'string' ? text : (parseJson(text) ?? text);
}

function typeOf(name: string, { properties }: InputSchema): unknown {
  return (properties as Record<string, { type?: unknown } | undefined> | undefined)?.[name]?.type;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function invalid(field: string, message: string, accepted: string): Result<never> {
  return bad({ code: 'InvalidCall', field, message, accepted });
}
