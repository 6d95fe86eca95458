import { fileURLToPath } from 'node:url';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { expect, test } from 'vitest';
import { timeSkippingServer } from '../support/time-skipping-server.ts';
import type { sleeper } from './sleep-workflow.ts';

test('a workflow sleeps 30 days on the time-skipping server', { timeout: 360_000 }, async () => {
  const path = await timeSkippingServer();
  const environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path } },
  });
  try {
    const worker = await Worker.create({
      connection: environment.nativeConnection,
      taskQueue: 'q',
      workflowsPath: fileURLToPath(new URL('sleep-workflow.ts', import.meta.url)),
    });
    const slept = await worker.runUntil(
      environment.client.workflow.execute<typeof sleeper>('sleeper', { taskQueue: 'q', workflowId: 'w' }),
    );
    expect(slept).toBeGreaterThanOrEqual(30 * 24 * 3_600_000);
  } finally {
    await environment.teardown();
  }
});
