import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, inject, onTestFinished } from 'vitest';
import { SEARCH_ATTRIBUTES } from '../../src/domain/search-attributes.ts';
import type { SearchAttribute } from '../../src/domain/search-attributes.ts';
import type { PolicySet } from '../../src/policies/policy-set.ts';
import { createAdmissionService } from '../../src/service/admission-service.ts';
import type { AdmissionService } from '../../src/service/admission-service.ts';
import { addSearchAttributes } from '../../src/service/search-attributes.ts';
import { installTestRuntime, startAdmission, startTestWorker, valueOf } from '../support/admission.ts';
import type { TestAdmission } from '../support/admission.ts';
import { startTimeSkippingServer } from '../support/time-skipping-server.ts';
import type { TimeSkippingServer } from '../support/time-skipping-server.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** An admission system on a server whose time stands still until `sleep` lets it jump; of a test file's own. */
export interface TimeSkipping {
  readonly admission: TestAdmission;
  /** Lets time jump, in ms; everything that is due meanwhile happens. */
  sleep(ms: number): Promise<void>;
  /** Another worker on the same server, for one test, with other settings or policies. */
  otherSystem(settings: Record<string, string>, policySet?: PolicySet): Promise<AdmissionService>;
}

/** Call it where a test file begins; what it gives can be used inside tests. */
export function timeSkipping(): TimeSkipping {
  let server: TimeSkippingServer;
  let admission: TestAdmission;
  beforeAll(async () => {
    installTestRuntime();
    server = await startTimeSkippingServer(inject('timeSkippingServer'));
    // It can neither list nor count, and an attribute is usable at once.
    const workflowService = { countWorkflowExecutions: async () => undefined };
    const names = Object.keys(SEARCH_ATTRIBUTES) as SearchAttribute[];
    const operatorService = server.environment.connection.operatorService as Parameters<
      typeof addSearchAttributes
    >[0]['operatorService'];
    await addSearchAttributes({ operatorService, workflowService }, 'default', names);
    admission = await startAdmission({}, { temporalAddress: server.environment.address });
    // What a worker does once only, such as loading the workflow code, is no part of any test.
    const { emulator, service } = admission;
    const warmUp = { channelArn: emulator.channel('square'), memberArn: await emulator.newUser('warm-up') };
    let asked = await service.join(warmUp);
    while (!asked.ok && asked.error.code === 'NoWorker') asked = await service.join(warmUp);
    valueOf(await service.wait(valueOf(asked).id));
  });
  afterAll(async () => {
    await admission?.close();
    await server?.stop();
  });
  return {
    get admission() {
      return admission;
    },
    sleep: (ms) => server.environment.sleep(ms),
    async otherSystem(settings, policySet) {
      const taskQueue = `test-${randomUUID()}`;
      const queues = { ADMISSION_TASK_QUEUE: taskQueue, ADMISSION_CHIME_TASK_QUEUE: `${taskQueue}-chime` };
      onTestFinished(await startTestWorker({ ...admission.env, ...queues, ...settings }, policySet));
      return createAdmissionService({ client: admission.client, taskQueue, bearers: [] });
    },
  };
}
