import { badRequest, isFailure, type Failure } from './failure.ts';
import { operations, type Operation } from './model.ts';

export interface Route {
  readonly operation: Operation;
  readonly labels: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
}

const discriminators = ['operation', 'scope'];

function labelName(segment: string): string | undefined {
  return /^\{(.+)\}$/.exec(segment)?.[1];
}

function matchesPath(operation: Operation, segments: readonly string[]): boolean {
  const template = operation.uri.split('/');
  return (
    template.length === segments.length &&
    template.every((part, index) => labelName(part) !== undefined || part === segments[index])
  );
}

// The plain operation is not a fallback: `?operation=anything-else` must not quietly become a create.
function matchesQuery(operation: Operation, query: URLSearchParams): boolean {
  return discriminators.every((key) => (query.get(key) ?? undefined) === operation.staticQuery[key]);
}

function decodeLabels(operation: Operation, segments: readonly string[]): Pick<Route, 'labels'> | Failure {
  try {
    const pairs = operation.uri.split('/').flatMap((part, index) => {
      const name = labelName(part);
      return name === undefined ? [] : [[name, decodeURIComponent(segments[index] ?? '')] as const];
    });
    return { labels: Object.fromEntries(pairs) };
  } catch {
    return badRequest('The path holds a malformed percent-encoding');
  }
}

/**
 * Finds the operation of a request. The path is split while still encoded, because ARNs carry `%2F`;
 * operations sharing a path are told apart by the query.
 */
export function matchRoute(method: string, rawUrl: string): Route | Failure {
  const [path = '', search = ''] = rawUrl.split(/\?(.*)/s);
  const query = new URLSearchParams(search);
  const segments = path.split('/');
  const operation = operations.find(
    (each) => each.method === method && matchesPath(each, segments) && matchesQuery(each, query),
  );
  if (!operation) {
    return { exception: 'UnknownOperationException', message: `No operation answers ${method} ${rawUrl}` };
  }
  const decoded = decodeLabels(operation, segments);
  return isFailure(decoded) ? decoded : { operation, query, ...decoded };
}
