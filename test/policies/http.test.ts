import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Requirement } from '../../src/schemas/requirement.ts';
import type { Verdict } from '../../src/domain/verdict.ts';
import { askedNow, runPolicy, type Question } from '../../src/policies/run-policy.ts';
import { bind } from '../../src/policies/binding.ts';
import type { PolicyBinding } from '../../src/policies/binding.ts';
import { http } from '../../src/policies/http.ts';
import { NOW } from './cel/cel.ts';
import { factsOf, requestOf } from './fixtures.ts';

const SECRET = `whsec_${Buffer.from('a secret of some length.').toString('base64')}`;
const OTHER = `whsec_${Buffer.from('another of the same length').toString('base64')}`;

interface Asked {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let asked: Asked[] = [];
let answer: (request: IncomingMessage, response: ServerResponse) => void;
const open: Array<() => void> = [];

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const json = (value: unknown, status = 200, headers: Record<string, string> = {}) => {
  answer = (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
  };
};

let url: string;
beforeEach(async () => {
  vi.stubEnv('ON_CALL_SECRET', SECRET);
  asked = [];
  json({ verdict: 'allow' });
  url = await listen((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      asked.push({ url: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() });
      answer(request, response);
    });
  });
});
afterEach(() => {
  vi.unstubAllEnvs();
  for (const close of open.splice(0)) close();
});

function ask(
  params: object = {},
  options: Partial<PolicyBinding> = {},
  more: Partial<Question> = {},
): Promise<Verdict | Error> {
  const binding = bind(http, { url: `${url}/decide?team=a`, secretEnv: 'ON_CALL_SECRET', ...params }, options);
  const question = { request: requestOf(), facts: factsOf(), now: NOW, log: () => undefined };
  const asking = { ...askedNow(NOW), answers: { http: { team: 'blue' } } };
  return runPolicy(binding, { ...question, ...asking, ...more });
}

/** What the policy itself throws, before the host makes it a plain error. */
async function thrownBy(params: object = {}): Promise<Error & { nonRetryable?: boolean }> {
  const parsed = http.params.parse({ url, secretEnv: 'ON_CALL_SECRET', ...params });
  const { signal } = new AbortController();
  const context = { params: parsed, facts: {}, signal, log: () => undefined, now: NOW, ...askedNow(NOW) };
  try {
    await http.evaluate(requestOf(), context as never);
  } catch (error) {
    return error as Error;
  }
  throw new Error('it answered');
}

test('the service is asked with what it needs, signed, and its verdict counts', async () => {
  json({ verdict: 'deny', code: 'NOT_ON_CALL', message: 'Not on call.' });
  expect(await ask({ facts: ['channel', 'requester.role'] })).toEqual({
    verdict: 'deny',
    code: 'NOT_ON_CALL',
    message: 'Not on call.',
    visibility: 'full',
  });
  const [{ url: path, headers, body }] = asked as [Asked];
  expect(path).toBe('/decide?team=a');
  expect(JSON.parse(body)).toEqual({
    apiVersion: 'admission/v1',
    id: headers['webhook-id'],
    request: requestOf(),
    facts: { channel: { privacy: 'PRIVATE', mode: 'RESTRICTED', elastic: false }, 'requester.role': 'outsider' },
    now: NOW.toISOString(),
    purpose: 'join',
    askedBy: requestOf().requestedBy,
    requestedAt: NOW.toISOString(),
    answers: { team: 'blue' },
  });
  expect(headers['content-type']).toBe('application/json');
  expect(body + JSON.stringify(headers)).not.toContain(SECRET);
  const signed = headers as Record<string, string>;
  expect(new Webhook(SECRET).verify(body, signed)).toEqual(JSON.parse(body));
  expect(() => new Webhook(SECRET).verify(body.replace('DEFAULT', 'HIDDEN'), signed)).toThrow('No matching signature');
  expect(() => new Webhook(OTHER).verify(body, signed)).toThrow('No matching signature');
});

test('each question has an id of its own, which stays the same when it is asked again', async () => {
  for (const more of [{}, {}, { questionId: 'run:7' }, { questionId: 'run:7' }]) await ask({}, {}, more);
  const ids = asked.map(({ headers }) => headers['webhook-id']);
  expect(new Set(ids.slice(0, 3)).size).toBe(3);
  expect(ids.slice(2)).toEqual(['run:7', 'run:7']);
});

test('while a secret is replaced, services with the new one and with the old one understand', async () => {
  vi.stubEnv('ON_CALL_SECRET', `${OTHER} ${SECRET}`);
  await ask();
  const [{ headers, body }] = asked as [Asked];
  const verified = (secret: string) => new Webhook(secret).verify(body, headers as Record<string, string>);
  expect([verified(OTHER), verified(SECRET)]).toMatchObject([{ purpose: 'join' }, { purpose: 'join' }]);
});

test.for([
  [{ verdict: 'allow', validFor: '1h' }],
  [
    {
      verdict: 'requireApproval',
      requirement: Requirement.parse({ approve: 2, approvers: { roles: ['app_instance_admin'] } }),
    },
  ],
  [{ verdict: 'notApplicable', because: 'not ours', warnings: ['soon'] }],
] as const)('%j is taken as it is', async ([verdict]) => {
  json(verdict, 201, { 'content-type': 'application/json; charset=utf-8' });
  expect(await ask()).toEqual(verdict);
});

test.for([
  [true],
  [null],
  ['allow'],
  [[]],
  [{}],
  [{ allow: true }],
  [{ verdict: 'maybe' }],
  [{ verdict: 'allow', extra: 1 }],
])('the answer %j is an error', async ([value]) => {
  json(value);
  expect(await ask()).toMatchObject({ message: expect.stringContaining('its answer is not a verdict') as string });
});

const FINAL = [301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 409, 410, 422];
const PASSING = [408, 425, 429, 500, 501, 502, 503, 504];

test.for([...FINAL, ...PASSING])('a status of %i is an error; no redirect is followed', async (status) => {
  let followed = false;
  const elsewhere = await listen((_request, response) => {
    followed = true;
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"verdict":"allow"}');
  });
  json({ verdict: 'allow' }, status, { location: elsewhere });
  const error = await thrownBy();
  expect(error.message).toContain(`the service answered ${status}`);
  expect(error.nonRetryable === true).toBe(FINAL.includes(status));
  expect(await ask()).toBeInstanceOf(Error);
  expect(followed).toBe(false);
});

test.for([
  ['text/html', '{"verdict":"allow"}', 'content-type text/html'],
  ['application/jsonp', '{"verdict":"allow"}', 'content-type application/jsonp'],
  ['application/json', '{"verdict":', 'not JSON'],
  ['application/json', '', 'not JSON'],
  ['application/json', `"${'x'.repeat(70_000)}"`, 'more than 64 KiB'],
] as const)('an answer of %s that is %.20s… is an error', async ([type, body, message]) => {
  answer = (_request, response) => void response.writeHead(200, { 'content-type': type }).end(body);
  const error = await thrownBy();
  expect(error.message).toContain(message);
  expect(error.nonRetryable).toBeUndefined();
});

test('no content, and no content-type, are errors', async () => {
  answer = (_request, response) => void response.writeHead(204).end();
  expect((await thrownBy()).message).toContain('content-type none');
});

const padded = (bytes: number) => JSON.stringify({ verdict: 'notApplicable', because: 'x' }).padEnd(bytes);

test('64 KiB are counted as they unpack, and exactly 64 KiB are taken', async () => {
  answer = (_request, response) =>
    void response.writeHead(200, { 'content-type': 'application/json' }).end(padded(65_536));
  expect(await ask()).toMatchObject({ verdict: 'notApplicable' });
  answer = (_request, response) => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    response.writeHead(200, headers).end(gzipSync(padded(50_000_000)));
  };
  expect((await thrownBy()).message).toContain('more than 64 KiB');
});

test('a body without an end is given up, and its connection closed', async () => {
  const closed = new Promise<void>((resolve) => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const timer = setInterval(() => response.write(' '.repeat(8_192)), 1);
      response.on('close', () => {
        clearInterval(timer);
        resolve();
      });
    };
  });
  expect((await thrownBy()).message).toContain('more than 64 KiB');
  await closed;
});

test('no answer, and half an answer, end with the time of the policy or of the binding', async () => {
  const gone: Promise<void>[] = [];
  const holding = (begin: string) => {
    answer = (_request, response) => {
      gone.push(new Promise((resolve) => response.on('close', resolve)));
      if (begin) response.writeHead(200, { 'content-type': 'application/json' }).write(begin);
    };
  };
  for (const begin of ['', '{"verdict":']) {
    holding(begin);
    const error = await thrownBy({ timeout: '50ms' });
    expect(error).toMatchObject({ message: 'no answer within 50ms' });
    expect(error.nonRetryable).toBeUndefined();
    expect(await ask({}, { timeoutMs: 50 })).toEqual(new Error('no answer within 50 ms'));
  }
  await Promise.all(gone);
  expect(gone).toHaveLength(4);
});

test('when the activity is cancelled, so is the question', async () => {
  const cancel = new AbortController();
  const closed = new Promise<void>((resolve) => {
    answer = (_request, response) => {
      response.on('close', resolve);
      cancel.abort();
    };
  });
  expect(await ask({ timeout: '1m' }, {}, { signal: cancel.signal })).toBeInstanceOf(Error);
  await closed;
});

test('connections that fail are errors that may be gone next time', async () => {
  answer = (request) => request.socket.destroy();
  expect(await thrownBy()).toMatchObject({
    message: expect.stringMatching(/connection to the service failed: \w+/) as string,
  });
  answer = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
    response.write('{');
    setTimeout(() => response.destroy(), 10);
  };
  expect((await thrownBy()).message).toContain('connection to the service failed');
  const refused = await thrownBy({ url: 'http://127.0.0.1:9' });
  expect(refused.message).toContain('connection to the service failed');
  expect(refused.nonRetryable).toBeUndefined();
});
