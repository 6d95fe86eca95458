import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';
import { createReplayGuard } from 'channel-admission/webhook';
import type { WebhookBody } from 'channel-admission/webhook';
import { Webhook } from 'standardwebhooks';

const MAX_BYTES = 64 * 1_024;

/** A service that receives notifications. `act` does something with one, and is called once for each. */
export function createReceiver(secret: string, act: (message: WebhookBody) => Promise<void>): Server {
  const webhook = new Webhook(secret);
  const guard = createReplayGuard();
  const acting = new Set<string>();
  const answerTo = async (headers: IncomingHttpHeaders, body: Buffer): Promise<[status: number, text?: string]> => {
    let message: WebhookBody;
    try {
      // The body as it came: parsed and written again, it would be another.
      message = webhook.verify(body.toString('utf8'), headers as Record<string, string>) as WebhookBody;
    } catch (error) {
      return [401, String(error)];
    }
    // It may still fail: whoever sends it again must not take it for done.
    if (acting.has(message.id)) return [503, 'under way'];
    if (!guard.take(message.id)) return [200, 'seen before'];
    acting.add(message.id);
    try {
      await act(message);
      return [204];
    } catch (error) {
      guard.release(message.id);
      return [503, String(error)];
    } finally {
      acting.delete(message.id);
    }
  };
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await bodyOf(request);
    const [status, text] = body ? await answerTo(request.headers, body) : [413];
    response.writeHead(status).end(text);
  };
  return createServer((request, response) => void serve(request, response).catch(() => response.destroy()));
}

/** The bytes of a request, unless there are too many. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > MAX_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

if (import.meta.main) {
  const secret = process.env['CHAT_SECRET'];
  if (!secret) throw new Error('CHAT_SECRET is missing: without it every message would be refused');
  const receiver = createReceiver(secret, async ({ to, text, link }) => {
    console.log(`to ${to.name}: ${text}${link ? `\n${link}` : ''}\n`);
  });
  receiver.listen(8788, '127.0.0.1', () => console.log('http://127.0.0.1:8788/notifications'));
}
