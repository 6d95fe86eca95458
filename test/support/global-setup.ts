import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';
import type { TestProject } from 'vitest/node';
import { SEARCH_ATTRIBUTES } from '../../src/domain/search-attributes.ts';
import { findTemporalServer } from '../../src/stack/find-server.ts';
import { startTemporalServer } from '../../src/stack/temporal-server.ts';
import { timeSkippingServer } from './time-skipping-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** host:port of the one Temporal server of this run. */
    temporalAddress: string;
    temporalUi: string;
    /** Path of the executable of the Temporal server, for tests that start one of their own. */
    temporalExecutable: string;
    timeSkippingServer: string;
    /** A folder for whatever a test file leaves behind; it goes after the run. */
    temporaryFolder: string;
    /** Path of the workflow bundle, made once for all tests. */
    workflowBundle: string;
  }
}

/** The one set-up that all tests share: a real Temporal server, the time-skipping one, and the workflow bundle. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'admission-test-'));
  // Tests start servers of their own, whatever the environment names.
  const env = { ...process.env, TEMPORAL_ADDRESS: '', TEMPORAL_PROFILE: '' };
  const found = await findTemporalServer({ env, progress: console.log });
  if (found.kind !== 'executable') throw new Error('tests need the executable of a Temporal server');
  const executable = found.path;
  const [server, skipping, bundle] = await Promise.all([
    startTemporalServer({ executable, searchAttributes: SEARCH_ATTRIBUTES }),
    timeSkippingServer(),
    bundleWorkflowCode({
      workflowsPath: fileURLToPath(new URL('../../src/workflows/index.ts', import.meta.url)),
      logger: quiet,
    }),
  ]);
  const bundleFile = join(folder, 'workflow-bundle.js');
  await writeFile(bundleFile, bundle.code);
  project.provide('temporalAddress', server.address);
  project.provide('temporalUi', server.uiUrl);
  project.provide('temporalExecutable', executable);
  project.provide('timeSkippingServer', skipping);
  project.provide('temporaryFolder', folder);
  project.provide('workflowBundle', bundleFile);
  return async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
}

const ignore = () => undefined;
const quiet = { log: ignore, trace: ignore, debug: ignore, info: ignore, warn: console.warn, error: console.error };
