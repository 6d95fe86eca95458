import type { IncomingHttpHeaders } from 'node:http';
import { badRequest, isFailure, type Failure } from './failure.ts';
import type { BoundShape, Operation, Shape } from './model.ts';
import type { Route } from './router.ts';
import { structureViolation, type Json, type JsonObject } from './validate.ts';

/** The members of a request under their SDK names, whichever part of the request carried them. */
export type Input = JsonObject;

const bearerMember = 'ChimeBearer';

function parseBody(json: string): { body: JsonObject } | Failure {
  if (json === '') return { body: {} };
  try {
    const value = JSON.parse(json) as Json;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { body: value as JsonObject };
  } catch {
    // falls through to the same answer as a body that is JSON but no object
  }
  return badRequest('The request body is not a JSON object');
}

function queryValue(shape: BoundShape, value: string): Json {
  return shape.type === 'integer' && /^-?\d+$/.test(value) ? Number(value) : value;
}

function bound(
  shapes: Readonly<Record<string, BoundShape>>,
  read: (name: string, shape: BoundShape) => Json | undefined,
): [string, Json][] {
  return Object.entries(shapes).flatMap(([name, shape]) => {
    const value = read(name, shape);
    return value === undefined ? [] : [[shape.member, value] as [string, Json]];
  });
}

function byMember(shapes: Readonly<Record<string, BoundShape>>): Record<string, Shape> {
  return Object.fromEntries(Object.values(shapes).map((shape) => [shape.member, shape]));
}

// The bearer's own constraints are left to the authorization step: a malformed one is Forbidden, not BadRequest.
function membersOf(operation: Operation): Record<string, Shape> {
  const headers = Object.values(operation.headers).map(({ member, shape, type }) => [member, { shape, type }]);
  return {
    ...byMember(operation.pathLabels),
    ...byMember(operation.query),
    ...(Object.fromEntries(headers) as Record<string, Shape>),
    ...operation.body,
  };
}

/** Collects path, query, header and body members into one input and holds it against the model. */
export function readInput(route: Route, headers: IncomingHttpHeaders, bodyText: string): { input: Input } | Failure {
  const { operation } = route;
  const parsed = parseBody(bodyText);
  if (isFailure(parsed)) return parsed;
  const { body } = parsed;
  const input: Input = Object.fromEntries([
    ...Object.keys(operation.body).map((name): [string, Json] => [name, body[name] ?? null]),
    ...bound(operation.pathLabels, (name) => route.labels[name]),
    ...bound(operation.query, (name, shape) => {
      const value = route.query.get(name);
      return value === null ? undefined : queryValue(shape, value);
    }),
    ...bound(operation.headers, (name) => headers[name]?.toString()),
  ]);
  const found = structureViolation(membersOf(operation), operation.required, input);
  return found === undefined ? { input } : badRequest(`1 validation error detected: ${found}`);
}

/** The bearer ARN of a request, before any check. */
export function bearerOf(input: Input): string | undefined {
  return optionalText(input, bearerMember);
}

/** A required string member; validation has already guaranteed it. */
export function text(input: Input, member: string): string {
  return optionalText(input, member) ?? '';
}

export function optionalText(input: Input, member: string): string | undefined {
  const value = input[member];
  return typeof value === 'string' ? value : undefined;
}

export function optionalNumber(input: Input, member: string): number | undefined {
  const value = input[member];
  return typeof value === 'number' ? value : undefined;
}

export function texts(input: Input, member: string): readonly string[] {
  const value = input[member];
  return Array.isArray(value) ? (value as readonly string[]) : [];
}

/** An optional structure or list member, as validated. */
export function structure(input: Input, member: string): Json | undefined {
  return input[member] ?? undefined;
}
