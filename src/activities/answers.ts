import type { InputSchema } from '../domain/input-schema.ts';
import type { Refusal } from '../domain/refusal.ts';
import { checkedAnswers } from '../json-schema/bounded.ts';

export interface AnswersCall {
  readonly schema: InputSchema;
  readonly answers: Readonly<Record<string, unknown>>;
}

/** Answers as they are recorded, with defaults: checked outside of the workflow, since the schema is somebody's own. */
export async function checkAnswers({ schema, answers }: AnswersCall): Promise<Pick<AnswersCall, 'answers'> | Refusal> {
  const checked = await checkedAnswers(schema, answers);
  if (checked.ok) return { answers: checked.answers as AnswersCall['answers'] };
  const { field, message } = checked;
  const accepted = JSON.stringify(schema).slice(0, 2_000);
  return { code: 'InvalidInput', message: `${field}: ${message}`, field, accepted };
}
