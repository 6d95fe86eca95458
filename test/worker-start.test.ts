import { randomUUID } from 'node:crypto';
import { expect, inject, onTestFinished, test } from 'vitest';
import { connect } from '../src/service/connect.ts';
import { valueOf } from './support/admission.ts';
import { testEnvironment } from './support/environment.ts';
import { spawnWorker } from './crash/worker-process.ts';

const BEARER = 'arn:aws:chime:us-east-1:111122223333:app-instance/x/bot/admission-bot';

function environment(): Record<string, string> {
  const temporalAddress = inject('temporalAddress');
  const taskQueue = `test-${randomUUID()}`;
  return testEnvironment({ temporalAddress, emulatorUrl: 'http://127.0.0.1:1', taskQueue, bearer: BEARER });
}

/** Starts a worker that must refuse; the message of the last line that it logged. */
async function refusal(changes: Record<string, string>): Promise<string> {
  const worker = spawnWorker({ ...environment(), ...changes });
  const timer = setTimeout(() => void worker.kill('SIGKILL'), 90_000);
  const code = await worker.exited;
  clearTimeout(timer);
  const last = worker.log.at(-1) ?? '';
  expect({ code, log: worker.log }).toEqual({ code: 1, log: [last] });
  return (JSON.parse(last) as { msg: string }).msg;
}

test.concurrent.each([
  ['no bearers', { ADMISSION_BEARERS: '' }, /ADMISSION_BEARERS is missing: name an app instance admin/],
  [
    'a bad value',
    { ADMISSION_EXPIRE_AFTER: 'soon' },
    /ADMISSION_EXPIRE_AFTER is "soon": accepted is a duration such as/,
  ],
  [
    'an unknown variable',
    { ADMISSION_BEARER: BEARER },
    /no variable ADMISSION_BEARER: accepted is .*ADMISSION_BEARERS/,
  ],
  [
    'a server that is not there',
    { TEMPORAL_ADDRESS: '127.0.0.1:1' },
    /No Temporal server .*127\.0\.0\.1:1.*TEMPORAL_ADDRESS/,
  ],
  [
    'a flow that is none',
    { ADMISSION_FLOWS: 'examples/onboarding, test/crash/policies/admission.yaml' },
    /the flows cannot be used:[\n⏎].*policies\/admission\.yaml:\d+:\d+ apiVersion/,
  ],
  ['no bundle in production', { NODE_ENV: 'production' }, /dist\/workflow-bundle\.js: run `npm run build`/],
])('with %s a worker does not start, and says what to do', async (_, changes: Record<string, string>, message) => {
  expect(await refusal(changes)).toMatch(message);
});

test('in a namespace without the search attributes a worker does not start, and names `admit setup`', async () => {
  const access = valueOf(await connect(environment()));
  onTestFinished(async () => access.close());
  const namespace = `bare-${randomUUID()}`;
  const day = { seconds: 86_400 as never };
  await access.client.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: day });
  const message = await refusal({ TEMPORAL_NAMESPACE: namespace });
  expect(message).toMatch(/AdmissionState.*AdmissionDueAt missing\. Run `admit setup`/);
  expect(message).toContain(namespace);
});
