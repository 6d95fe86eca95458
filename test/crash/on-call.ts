import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** The service that the policy `on-call` asks: it can be made to think about a member for as long as it takes. */
export interface OnCall {
  readonly url: string;
  /** How often it was asked about a member. */
  asked(memberArn: string): number;
  hold(memberArn: string): void;
  /** Answers everybody who waits, and whoever asks from now on. */
  release(memberArn: string): void;
  close(): Promise<void>;
}

export async function startOnCall(): Promise<OnCall> {
  const asked: string[] = [];
  const held = new Map<string, (() => void)[]>();
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const memberArn = await text(request);
    asked.push(memberArn);
    const waiting = held.get(memberArn);
    if (waiting) waiting.push(() => response.end());
    else response.end();
  };
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: (memberArn) => asked.filter((one) => one === memberArn).length,
    hold: (memberArn) => void held.set(memberArn, []),
    release(memberArn) {
      for (const go of held.get(memberArn) ?? []) go();
      held.delete(memberArn);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
