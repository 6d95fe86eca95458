import type { IncomingHttpHeaders } from 'node:http';
import type { Route } from './router.ts';

/** One line of the call log; status 0 means that no answer has been sent (yet). */
export interface CallRecord {
  readonly at: string;
  readonly operation: string;
  readonly bearer?: string;
  readonly channelArn?: string;
  readonly memberArn?: string;
  readonly fault?: string;
  status: number;
}

const keptCalls = 10_000;

const memberKeys = ['MemberArn', 'ChannelModeratorArn', 'AppInstanceUserArn', 'AppInstanceAdminArn'];

function bodyMembers(text: string): string[] {
  try {
    const body = Object(JSON.parse(text)) as Record<string, unknown>;
    const values = [...memberKeys.map((key) => body[key]), body['MemberArns']].flat();
    return values.filter((value) => typeof value === 'string');
  } catch {
    return [];
  }
}

/** The people a request is about, from path, query or body, before any validation. */
export function namedMembers({ operation, labels, query }: Route, body: string): string[] {
  const labelled = Object.entries(operation.pathLabels).map(([name, { member }]) => [member, labels[name]] as const);
  const asked = Object.entries(operation.query).map(([name, { member }]) => [member, query.get(name)] as const);
  const found = [...labelled, ...asked].flatMap(([member, value]) =>
    value != null && memberKeys.includes(member) ? [value] : [],
  );
  return [...found, ...bodyMembers(body)];
}

interface Seen {
  readonly route: Route;
  readonly headers: IncomingHttpHeaders;
  readonly members: readonly string[];
  readonly fault: string | undefined;
}

/** Logs a call as unanswered; the caller sets the status once an answer is sent. */
export function recordCall(calls: CallRecord[], { route, headers, members, fault }: Seen): CallRecord {
  const bearer = headers['x-amz-chime-bearer']?.toString();
  const channelArn = route.labels['channelArn'];
  const [memberArn] = members;
  const record: CallRecord = {
    at: new Date().toISOString(),
    operation: route.operation.name,
    ...(bearer !== undefined && { bearer }),
    ...(channelArn !== undefined && { channelArn }),
    ...(memberArn !== undefined && { memberArn }),
    ...(fault !== undefined && { fault }),
    status: 0,
  };
  calls.push(record);
  if (calls.length > keptCalls) calls.shift();
  return record;
}
