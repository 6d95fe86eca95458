import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createLogger } from '../../src/telemetry.ts';
import { installTestRuntime, startAdmission } from '../support/admission.ts';
import type { TestAdmission } from '../support/admission.ts';
import { runWorker } from '../../worker.ts';

let admission: TestAdmission;
beforeAll(async () => {
  admission = await startAdmission({}, { worker: false });
});
afterAll(() => admission.close());

test('a worker that is told to stop while it starts does stop', async () => {
  const logger = createLogger('silent');
  installTestRuntime();
  const stop = new AbortController();
  const env = { ...admission.env, ADMISSION_WORKFLOW_BUNDLE: inject('workflowBundle') };
  const running = runWorker({ env, logger, stop: stop.signal }, () => stop.abort());
  await expect(running).resolves.toBeUndefined();
});
