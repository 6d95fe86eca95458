import { cell } from '../../domain/text.ts';
import type { AskedInput } from '../../domain/view.ts';
import { section } from './rows.ts';

interface Field {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly title?: string;
  readonly description?: string;
}

/** What a policy asks: its question, and the fields of an answer. */
export function describeInput({ binding, prompt, dueAt, schema }: AskedInput): string[] {
  return [`${binding} asks, until ${dueAt}: ${cell(prompt)}`, ...fieldRows(schema)];
}

/** The fields of an answer, and what each accepts. */
export function fieldRows(schema: object): string[] {
  const { properties = {}, required = [] } = schema as {
    properties?: Record<string, Field>;
    required?: readonly string[];
  };
  const rows = Object.entries(properties).map(([name, field]) => [
    name,
    accepted(field),
    required.includes(name) ? 'required' : '',
    [field.title, field.description?.replaceAll('\n', ' ')].filter(Boolean).join(': '),
  ]);
  return section('fields', rows);
}

function accepted({ type, enum: values, const: value }: Field): string {
  if (value !== undefined) return JSON.stringify(value);
  return values ? values.map((one) => JSON.stringify(one)).join(' or ') : (type ?? '');
}
