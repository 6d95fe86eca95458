import { readFileSync } from 'node:fs';

export interface Shape {
  readonly shape: string;
  readonly type: 'string' | 'integer' | 'boolean' | 'list' | 'structure';
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly item?: Shape;
  readonly members?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
}

/** A shape carried by the path, the query or a header; `member` is its name in the SDKs. */
export interface BoundShape extends Shape {
  readonly member: string;
}

export interface Operation {
  readonly name: string;
  readonly method: string;
  readonly uri: string;
  readonly staticQuery: Readonly<Record<string, string>>;
  readonly successStatus: number;
  readonly headers: Readonly<Record<string, BoundShape>>;
  readonly query: Readonly<Record<string, BoundShape>>;
  readonly pathLabels: Readonly<Record<string, BoundShape>>;
  readonly body: Readonly<Record<string, Shape>>;
  readonly required: readonly string[];
  readonly errors: readonly { readonly name: string; readonly status: number }[];
}

function load(file: string): readonly Operation[] {
  const text = readFileSync(new URL(`./model/${file}`, import.meta.url), 'utf8');
  return (JSON.parse(text) as { operations: readonly Operation[] }).operations;
}

/** Every operation of both services, as AWS's own models describe them. */
export const operations: readonly Operation[] = [...load('messaging.json'), ...load('identity.json')];

const statuses = new Map(operations.flatMap((operation) => operation.errors.map(({ name, status }) => [name, status])));

/** The HTTP status of a modelled exception, undefined for any other name. */
export function exceptionStatus(name: string): number | undefined {
  return statuses.get(name);
}

/** Every exception name that appears in the models. */
export const exceptionNames: readonly string[] = [...statuses.keys()];
