import { once } from 'node:events';
import { connect as connectTo, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, inject, onTestFinished, test } from 'vitest';
import { connect } from '../../src/service/connect.ts';

/** A way to the server that can be cut. */
async function proxy() {
  const [host = '', port = ''] = inject('temporalAddress').split(':');
  const sockets = new Set<Socket>();
  const server = createServer((from) => {
    const to = connectTo(Number(port), host);
    for (const socket of [from, to]) sockets.add(socket.on('error', () => undefined));
    from.pipe(to).pipe(from);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  onTestFinished(cut);
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, cut };
}

test('a call that is about to be tried again when its connection is closed ends, and throws nowhere', async () => {
  const thrown: unknown[] = [];
  const heard = (error: unknown) => void thrown.push(error);
  process.on('uncaughtExceptionMonitor', heard);
  onTestFinished(() => void process.off('uncaughtExceptionMonitor', heard));
  const { address, cut } = await proxy();
  const access = await connect({ TEMPORAL_ADDRESS: address });
  if (!access.ok) throw new Error(access.error.message);
  const { client } = access.value;
  await client.workflow.count();
  cut();
  const ended = client.workflow.count().then(
    () => 'answered',
    () => 'failed',
  );
  // It has failed once, and waits for its next try.
  await wait(60);
  await access.value.close();
  expect(await ended).toBe('failed');
  expect(thrown).toEqual([]);
});

test('a call of a connection that is closed fails, and throws nowhere', async () => {
  const thrown: unknown[] = [];
  const heard = (error: unknown) => void thrown.push(error);
  process.on('uncaughtExceptionMonitor', heard);
  onTestFinished(() => void process.off('uncaughtExceptionMonitor', heard));
  const access = await connect({ TEMPORAL_ADDRESS: inject('temporalAddress') });
  if (!access.ok) throw new Error(access.error.message);
  const { client } = access.value;
  await access.value.close();
  await expect(client.workflow.count()).rejects.toMatchObject({ cause: { code: 1 } });
  expect(thrown).toEqual([]);
});
