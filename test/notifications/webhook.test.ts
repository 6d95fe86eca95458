import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener } from 'node:http';
import { createServer as createSocketServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createReceiver } from '../../examples/notifications/receiver.ts';
import type { WebhookBody } from '../../src/kit/webhook.ts';
import { isFinal } from '../../src/notifications/notifications.ts';
import { signedHeaders } from '../../src/standard-webhooks.ts';
import { chat, notificationsOf, OLD_SECRET, SECRET } from './config-folder.ts';
import { deliveryTo, eventOf, hiddenEvent, user } from './events.ts';

async function listen(server: Server & { closeAllConnections?: () => void }): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections?.();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const serve = (listener: (...args: Parameters<RequestListener>) => unknown) =>
  listen(createServer((request, response) => void listener(request, response)));

/** The example receiver behind a proxy that keeps what passes, so that it can be sent again by somebody else. */
async function receiver(act: (message: WebhookBody) => Promise<void>, secret = SECRET) {
  const url = await listen(createReceiver(secret, act));
  const passed: { headers: Record<string, string>; body: string }[] = [];
  const proxy = await serve(async (request, response) => {
    const body = await textOf(request);
    const headers = request.headers as Record<string, string>;
    passed.push({ headers, body });
    const answer = await post(url, headers, body);
    response.writeHead(answer.status).end(answer.text);
  });
  return { url, proxy, passed };
}

async function post(url: string, headers: Record<string, string>, body: string) {
  const kept = Object.entries(headers).filter(([name]) => name.startsWith('webhook-') || name === 'content-type');
  const response = await fetch(url, { method: 'POST', headers: Object.fromEntries(kept), body });
  return { status: response.status, text: await response.text() };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const never = new AbortController().signal;

async function deliver(
  url: string,
  { event = eventOf(), params = {}, delivery = deliveryTo('mona'), signal = never } = {},
) {
  const config = { apiVersion: 'admission/v1', channels: [chat(url, params)], link: 'https://admit.example.com/{id}' };
  const notifications = await notificationsOf(config);
  await notifications.deliver(event, delivery, signal);
}

async function failure(...args: Parameters<typeof deliver>): Promise<{ message: string; final: boolean }> {
  const error = await deliver(...args).then(
    () => undefined,
    (reason: unknown) => reason as Error,
  );
  if (!error) throw new Error('it was delivered');
  return { message: error.message, final: isFinal(error) };
}

test('a message arrives as JSON, signed, with an id that stays the same', async () => {
  const taken: WebhookBody[] = [];
  const { proxy, passed } = await receiver(async (message) => void taken.push(message));
  const event = eventOf({ dueAt: '2026-02-03T04:05:06Z', message: 'why', code: 'WHY' });
  await deliver(proxy, { event });
  expect(taken).toEqual([
    {
      apiVersion: 'admission/v1',
      id: 'd-mona',
      to: { arn: user('mona'), name: 'mona' },
      as: 'approvers',
      kind: 'pending',
      at: event.at,
      subject: 'alice asks to join board',
      text: 'alice asks to join board.\nwhy\nIt waits until 2026-02-03 04:05 UTC.',
      link: 'https://admit.example.com/join%3Aboard%3Aalice%3A0a1b2c3d',
      about: {
        workflowId: event.workflowId,
        request: event.request,
        code: 'WHY',
        message: 'why',
        dueAt: '2026-02-03T04:05:06Z',
      },
    },
  ]);
  const [{ headers, body }] = passed as [(typeof passed)[0]];
  expect(headers).toMatchObject({ 'content-type': 'application/json', 'webhook-id': 'd-mona' });
  expect(headers['webhook-timestamp']).toMatch(/^\d{10}$/);
  expect(headers['webhook-signature']).toMatch(/^v1,[A-Za-z0-9+/]{43}=$/);
  expect(body + JSON.stringify(headers)).not.toContain(SECRET);
});

test('of a HIDDEN request, nothing that goes out to others names the member', async () => {
  const { proxy, passed } = await receiver(async () => undefined);
  await deliver(proxy, { event: hiddenEvent(), delivery: deliveryTo('zoe', { as: 'users' }) });
  expect(JSON.stringify(passed)).not.toMatch(/alice|bob/);
});

test('the receiver refuses what is not signed with its secret, not of now, or changed on the way', async () => {
  const taken: string[] = [];
  const { url, proxy, passed } = await receiver(async ({ id }) => void taken.push(id));
  const other = await receiver(async ({ id }) => void taken.push(id), OLD_SECRET);
  expect(await failure(other.proxy)).toMatchObject({ final: false, message: expect.stringContaining('answered 401') });
  await deliver(proxy);
  const [{ headers, body }] = passed as [(typeof passed)[0]];
  const { 'webhook-signature': _, ...unsigned } = headers;
  const signedAfter = (seconds: number) => {
    const at = new Date((Number(headers['webhook-timestamp']) + seconds) * 1_000);
    return { ...signedHeaders([SECRET], 'd-mona', body, at) };
  };
  const [oldAndSigned, earlyAndSigned] = [signedAfter(-301), signedAfter(310)];
  for (const [changed, content] of [
    [unsigned, body],
    [headers, body.replace('d-mona', 'd-mone')],
    [headers, `${body} `],
    [{ ...headers, 'webhook-timestamp': oldAndSigned['webhook-timestamp'] }, body],
    [{ ...headers, ...oldAndSigned }, body],
    [{ ...headers, ...earlyAndSigned }, body],
    [{ ...headers, 'webhook-signature': 'v1=00' }, body],
    [{ ...headers, 'webhook-signature': 'v1,00' }, body],
  ] as const) {
    expect((await post(url, changed, content)).status).toBe(401);
  }
  expect(taken).toEqual(['d-mona']);
});

test('while a secret is replaced, receivers with the new one and with the old one understand', async () => {
  const taken: string[] = [];
  for (const secret of [SECRET, OLD_SECRET]) {
    const { proxy, passed } = await receiver(async ({ id }) => void taken.push(id), secret);
    await deliver(proxy, { params: { secretEnv: 'BOTH_SECRETS' } });
    expect(passed[0]?.headers['webhook-signature']).toMatch(/^v1,\S{44} v1,\S{44}$/);
  }
  expect(taken).toEqual(['d-mona', 'd-mona']);
});

test('what comes a second time is not acted on again: replayed by somebody, with another header, or sent again', async () => {
  const taken: string[] = [];
  const { url, proxy, passed } = await receiver(async ({ id }) => void taken.push(id));
  await deliver(proxy);
  const [{ headers, body }] = passed as [(typeof passed)[0]];
  expect(await post(url, headers, body)).toEqual({ status: 200, text: 'seen before' });
  // The id is signed.
  expect((await post(url, { ...headers, 'webhook-id': 'another' }, body)).status).toBe(401);
  await deliver(proxy);
  await deliver(proxy, { delivery: deliveryTo('max') });
  expect(taken).toEqual(['d-mona', 'd-max']);
});

test('what the receiver could not act on may come again', async () => {
  let ready = false;
  const taken: string[] = [];
  const { proxy } = await receiver(async ({ id }) => {
    if (!ready) throw new Error('not now');
    taken.push(id);
  });
  expect(await failure(proxy)).toMatchObject({ final: false, message: expect.stringContaining('answered 503') });
  ready = true;
  await deliver(proxy);
  await deliver(proxy);
  expect(taken).toEqual(['d-mona']);
});

test.for([
  ...[301, 302, 303, 307, 308, 400, 403, 404, 410, 422].map((status) => [status, true] as const),
  ...[401, 408, 425, 429, 500, 502, 503, 504].map((status) => [status, false] as const),
])('%i is final: %j; no redirect is followed', async ([status, final]) => {
  let followed = false;
  const elsewhere = await serve((_request, response) => {
    followed = true;
    response.end();
  });
  const url = await serve((_request, response) => response.writeHead(status, { location: elsewhere }).end('because\n'));
  const { message, final: found } = await failure(url);
  expect([found, followed]).toEqual([final, false]);
  expect(message).toContain(`the receiver answered ${status}: "because\\n"`);
});

test('an answer without an end keeps nobody: of a good one nothing is read, of a bad one its beginning', async () => {
  for (const [status, expected] of [
    [200, undefined],
    [500, `the receiver answered 500: "${'x'.repeat(200)}"`],
  ] as const) {
    let written = 0;
    const closed = Promise.withResolvers<void>();
    const url = await serve((_request, response) => {
      response.writeHead(status);
      const timer = setInterval(() => response.write('x'.repeat(1_024), () => (written += 1_024)), 1);
      response.on('close', () => {
        clearInterval(timer);
        closed.resolve();
      });
    });
    const [error] = await Promise.all([
      deliver(url).then(
        () => undefined,
        (reason: unknown) => (reason as Error).message,
      ),
      closed.promise,
    ]);
    expect(error).toBe(expected);
    expect(written).toBeLessThan(64 * 1_024);
  }
});

test.for([
  ['HTTP/1.1 410 Gone\r\ncontent-length: 100\r\n\r\nno', 'the receiver answered 410', true],
  ['HTTP/1.1 503 Later\r\ntransfer-encoding: chunked\r\n\r\nZZZ\r\n', 'the receiver answered 503', false],
  ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nZZZ\r\n', 'it was delivered', false],
] as const)('the status counts, also when the body breaks off: %j', async ([answer, message, final]) => {
  const url = await listen(createSocketServer((socket) => socket.on('error', () => undefined).end(answer)));
  const found = await failure(url).catch((error: Error) => ({ message: error.message, final: false }));
  expect(found).toEqual({ message: expect.stringContaining(message), final });
});

test('a message that a receiver begins to act on, and comes again meanwhile, is not taken for done', async () => {
  const acting = Promise.withResolvers<void>();
  let calls = 0;
  const { proxy } = await receiver(async () => {
    calls += 1;
    if (calls === 1) await acting.promise;
  });
  const first = failure(proxy);
  await expect.poll(() => calls).toBe(1);
  expect(await failure(proxy)).toMatchObject({ final: false, message: expect.stringContaining('answered 503') });
  acting.reject(new Error('not now'));
  expect(await first).toMatchObject({ final: false });
  await deliver(proxy);
  expect(calls).toBe(2);
});

test('no answer ends with the time of the channel, and may be gone next time', async () => {
  const url = await serve(() => undefined);
  expect(await failure(url, { params: { timeout: '60ms' } })).toEqual({
    message: 'no answer within 60ms',
    final: false,
  });
});

test('when the activity is cancelled, so is the call', async () => {
  const cancel = new AbortController();
  const closed = Promise.withResolvers<void>();
  const url = await serve((_request, response) => {
    response.on('close', () => closed.resolve());
    cancel.abort();
  });
  await expect(deliver(url, { signal: cancel.signal })).rejects.toThrow(/abort/);
  await closed.promise;
});

test('a connection that fails may be there next time', async () => {
  expect(await failure('http://127.0.0.1:9/')).toMatchObject({
    final: false,
    message: expect.stringMatching(/connection to the receiver failed: \w+/),
  });
});
