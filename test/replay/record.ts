/**
 * Records the histories that replay.test.ts replays: `node test/replay/record.ts`, whenever the workflow was changed on
 * purpose. Takes a real server, the real worker and the emulator; nothing of this machine stays in the files.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { temporal } from '@temporalio/proto';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { SEARCH_ATTRIBUTES } from '../../src/domain/search-attributes.ts';
import { createAdmissionService } from '../../src/service/admission-service.ts';
import { connect } from '../../src/service/connect.ts';
import { findTemporalServer } from '../../src/stack/find-server.ts';
import { startTemporalServer } from '../../src/stack/temporal-server.ts';
import { startWorkerProcess } from '../crash/worker-process.ts';
import { startTestEmulator } from '../support/emulator.ts';
import { testEnvironment } from '../support/environment.ts';
import { HISTORIES } from './histories.ts';
import { scenes } from './scenes.ts';
import type { Scene, Stage } from './scenes.ts';
import { traces, scrubbed } from './scrub.ts';

const log = (line: string) => process.stderr.write(`${line}\n`);

const env = { ...process.env, TEMPORAL_ADDRESS: '', TEMPORAL_PROFILE: '' };
const found = await findTemporalServer({ env, progress: log });
if (found.kind !== 'executable') throw new Error('recording needs the executable of a Temporal server');
const folder = await mkdtemp(join(tmpdir(), 'admission-record-'));
const bundle = join(folder, 'workflow-bundle.js');
const workflowsPath = fileURLToPath(new URL('../../src/workflows/index.ts', import.meta.url));
await writeFile(bundle, (await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') })).code);
const server = await startTemporalServer({ executable: found.path, searchAttributes: SEARCH_ATTRIBUTES });
try {
  const texts = new Map<string, string>();
  const waiting = Object.entries(scenes);
  const recordNext = async (): Promise<void> => {
    const next = waiting.shift();
    if (!next) return;
    texts.set(next[0], await record(...next));
    await recordNext();
  };
  await Promise.all(Array.from({ length: 4 }, recordNext));
  // Only when all went well: what is there is worth more than half of what is new.
  await rm(HISTORIES, { recursive: true, force: true });
  await mkdir(HISTORIES, { recursive: true });
  for (const [name, text] of texts) await writeFile(new URL(`${name}.json`, HISTORIES), text);
} finally {
  await server.stop();
  await rm(folder, { recursive: true });
}

/** Each scene has an emulator, a queue and a worker of its own. */
async function record(name: string, scene: Scene): Promise<string> {
  const emulator = await startTestEmulator();
  const taskQueue = `recorded-${name}`;
  const base = testEnvironment({
    temporalAddress: server.address,
    emulatorUrl: emulator.url,
    taskQueue,
    bearer: emulator.bearer,
  });
  const workerEnv = { ...base, ADMISSION_WORKFLOW_BUNDLE: bundle, ...scene.settings };
  const access = await connect(workerEnv);
  if (!access.ok) throw new Error(access.error.message);
  const { client } = access.value;
  let worker = await startWorkerProcess(workerEnv);
  const stage: Stage = {
    emulator,
    client,
    taskQueue,
    service: createAdmissionService({ client, taskQueue, bearers: [] }),
    async stopWorker() {
      await worker.kill('SIGTERM');
    },
    async startWorker() {
      worker = await startWorkerProcess(workerEnv);
    },
  };
  try {
    const id = await scene.play(stage);
    const history = await client.workflow.getHandle(id).fetchHistory();
    log(`${name}: ${history.events?.length} events`);
    return asText(name, history);
  } finally {
    await worker.kill('SIGKILL');
    await access.value.close();
    await emulator.close();
  }
}

function asText(name: string, history: temporal.api.history.v1.IHistory): string {
  const { events } = scrubbed(JSON.parse(historyToJSON(history))) as { events: object[] };
  const text = `{"events":[\n${events.map((event) => JSON.stringify(event)).join(',\n')}\n]}\n`;
  const left = traces(text);
  if (left.length > 0) throw new Error(`${name} still names this machine: ${left.join(', ')}`);
  return text;
}
