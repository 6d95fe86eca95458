import { plainAnswer, type Answer } from './answer.ts';
import type { CallRecord } from './calls.ts';
import { parseFault, type FaultOrder, type Rejection } from './faults.ts';
import { saveSeed } from './seed-save.ts';
import type { State } from './state.ts';

export const controlPrefix = '/_emulator';

/** What the control API can see and clear. */
export interface Controlled {
  readonly state: State;
  readonly faults: FaultOrder[];
  readonly calls: CallRecord[];
}

interface ControlRequest {
  readonly method: string;
  readonly url: URL;
  readonly body: string;
}

type Control = (controlled: Controlled, request: ControlRequest) => Answer;

function json(value: unknown, status = 200): Answer {
  return plainAnswer(status, JSON.stringify(value));
}

function rejected(rejection: Rejection, status = 400): Answer {
  return json({ error: rejection }, status);
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

function addFault({ faults }: Controlled, { body }: ControlRequest): Answer {
  const order = parseFault(parse(body));
  if ('accepted' in order) return rejected(order);
  faults.push(order);
  return json(order, 201);
}

function listCalls({ calls }: Controlled, { url }: ControlRequest): Answer {
  const operation = url.searchParams.get('operation');
  return json(calls.filter((call) => operation === null || call.operation === operation));
}

function listMessages({ state }: Controlled, { url }: ControlRequest): Answer {
  const channelArn = url.searchParams.get('channelArn');
  const channels = [...state.values()].flatMap((instance) => [...instance.channels.values()]);
  return json(
    channels
      .filter(({ arn }) => channelArn === null || arn === channelArn)
      .flatMap(({ arn, messages }) => messages.map((message) => ({ channelArn: arn, ...message }))),
  );
}

function cleared(...lists: unknown[][]): Answer {
  for (const list of lists) list.length = 0;
  return plainAnswer(204, '');
}

const controls: Readonly<Record<string, Control>> = {
  'GET /_emulator/health': () => json({ status: 'ok' }),
  'GET /_emulator/state': ({ state }) => json(saveSeed(state)),
  'GET /_emulator/faults': ({ faults }) => json(faults),
  'POST /_emulator/faults': addFault,
  'DELETE /_emulator/faults': ({ faults }) => cleared(faults),
  'GET /_emulator/calls': listCalls,
  'DELETE /_emulator/calls': ({ calls }) => cleared(calls),
  'GET /_emulator/messages': listMessages,
  'DELETE /_emulator': ({ state, faults, calls }) => {
    state.clear();
    return cleared(faults, calls);
  },
};

/** Answers a request to the emulator's own control API. */
export function control(controlled: Controlled, request: ControlRequest): Answer {
  const asked = `${request.method} ${request.url.pathname}`;
  const handler = controls[asked];
  return handler
    ? handler(controlled, request)
    : rejected({ message: `The emulator has no control ${asked}`, accepted: Object.keys(controls) }, 404);
}
