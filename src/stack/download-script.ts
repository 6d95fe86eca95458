// Started by download-server.ts as a process of its own: @temporalio/testing can fetch the server only by starting it, and
// loads the native runtime, of which a process may install one only (the worker's).
import process from 'node:process';
import { TestWorkflowEnvironment } from '@temporalio/testing';

const [downloadDir = ''] = process.argv.slice(2);
try {
  const environment = await TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'cached-download', downloadDir } },
  });
  await environment.teardown();
} catch (error) {
  // The message names the same address in every layer; what went wrong stands at its end.
  const reason = String(error).split(': ').slice(-2).join(': ');
  process.stderr.write(`${reason}\n`);
  process.exitCode = 1;
}
