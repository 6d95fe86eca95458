import type { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { errorAnswer, plainAnswer, type Answer } from './answer.ts';
import type { CallRecord } from './calls.ts';
import type { Fault } from './faults.ts';

interface Exchange {
  readonly response: ServerResponse;
  readonly record: CallRecord;
  /** Processes the call; a fault decides whether and when this happens. */
  readonly process: () => Answer;
}

/** Sends a whole answer. */
export function send(response: ServerResponse, { status, headers, body }: Answer): void {
  const length = status === 204 ? {} : { 'content-length': Buffer.byteLength(body) };
  response.writeHead(status, { ...headers, ...length });
  response.end(body);
}

function reply({ response, record }: Exchange, answer: Answer): void {
  if (response.destroyed) return; // the client has given up, during a delay for example
  record.status = answer.status;
  send(response, answer);
}

function withBody(answer: Answer): Answer {
  return answer.status === 204 ? { ...answer, status: 200, body: '{}' } : answer;
}

/** The right status and headers, with a body that says nothing; cut, the connection ends in the middle of it. */
function replyDamaged(exchange: Exchange, answer: Answer, damage: 'cut' | 'empty' | 'garbage'): void {
  const { response, record } = exchange;
  const { status, headers, body } = withBody(answer);
  if (damage !== 'cut') {
    return reply(exchange, { status, headers, body: damage === 'empty' ? '' : 'this is not JSON' });
  }
  record.status = status;
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.write(body.slice(0, body.length / 2), () => response.socket?.destroy());
}

function htmlPage(status: number): string {
  return `<html>\r\n<head><title>${status}</title></head>\r\n<body><center><h1>${status}</h1></center></body>\r\n</html>\r\n`;
}

function exceptionAnswer(fault: Extract<Fault, { kind: 'exception' }>): Answer {
  const message = fault.message ?? `${fault.name}, as ordered from the emulator`;
  const answer = errorAnswer({ exception: fault.name, message }, fault.status);
  const retry = fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) };
  return { ...answer, headers: { ...answer.headers, ...retry } };
}

/** Answers a call the way the fault asks for, or normally without one. */
export async function deliver(exchange: Exchange, fault: Fault | undefined): Promise<void> {
  const { response, process } = exchange;
  switch (fault?.kind) {
    case undefined:
      return reply(exchange, process());
    case 'exception':
      if (fault.damage) return replyDamaged(exchange, exceptionAnswer(fault), fault.damage);
      return reply(exchange, exceptionAnswer(fault));
    case 'status':
      return reply(exchange, plainAnswer(fault.status, fault.body));
    case 'html':
      return reply(exchange, plainAnswer(fault.status, htmlPage(fault.status), 'text/html'));
    case 'delay':
      await wait(fault.ms, undefined, { ref: false });
      return reply(exchange, process());
    case 'dropAfter':
      process();
      response.socket?.destroy();
      return;
    case 'dropBefore':
      response.socket?.destroy();
      return;
    case 'truncate':
      return replyDamaged(exchange, process(), 'cut');
    case 'garbage':
    case 'empty':
      return replyDamaged(exchange, process(), fault.kind);
  }
}
