import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';
import { createReplayGuard, SIGNATURE_HEADER, TIMESTAMP_HEADER, verifySignature } from 'channel-admission/webhook';
import type { WebhookBody } from 'channel-admission/webhook';

const MAX_BYTES = 64 * 1_024;

/** A service that receives notifications. `act` does something with one, and is called once for each. */
export function createReceiver(secret: string, act: (message: WebhookBody) => Promise<void>): Server {
  const guard = createReplayGuard();
  const acting = new Set<string>();
  const answerTo = async (headers: IncomingHttpHeaders, body: Buffer): Promise<[status: number, text?: string]> => {
    const timestamp = headers[TIMESTAMP_HEADER]?.toString();
    const signature = headers[SIGNATURE_HEADER]?.toString();
    // The bytes as they came: parsed and written again, they would be others.
    const signed = verifySignature({ secret, timestamp, signature, body });
    if (!signed.ok) return [401, signed.message];
    const message = JSON.parse(body.toString('utf8')) as WebhookBody;
    // The id of the body, which is signed; a header could be changed on the way.
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
