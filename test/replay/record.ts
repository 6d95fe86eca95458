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
import { connect } from '../../src/service/connect.ts';
import { findTemporalServer } from '../../src/stack/find-server.ts';
import { startTemporalServer } from '../../src/stack/temporal-server.ts';
import { createLane } from '../crash/lane.ts';
import type { Lane } from '../crash/lane.ts';
import { startOnCall } from '../crash/on-call.ts';
import { createStage } from '../crash/stage.ts';
import { startTestEmulator } from '../support/emulator.ts';
import { testEnvironment } from '../support/environment.ts';
import { HISTORIES } from './histories.ts';
import type { Scene } from './scene.ts';
import { scenes } from './scenes.ts';
import { traces, scrubbed } from './scrub.ts';

/** Each has a worker process of its own. */
const LANES = 4;

const log = (line: string) => process.stderr.write(`${line}\n`);

const env = { ...process.env, TEMPORAL_ADDRESS: '', TEMPORAL_PROFILE: '' };
const found = await findTemporalServer({ env, progress: log });
if (found.kind !== 'executable') throw new Error('recording needs the executable of a Temporal server');
const folder = await mkdtemp(join(tmpdir(), 'admission-record-'));
const bundle = join(folder, 'workflow-bundle.js');
const workflowsPath = fileURLToPath(new URL('../../src/workflows/index.ts', import.meta.url));
await writeFile(bundle, (await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') })).code);
const [server, emulator, onCall] = await Promise.all([
  startTemporalServer({ executable: found.path, searchAttributes: SEARCH_ATTRIBUTES }),
  startTestEmulator(),
  startOnCall(),
]);
const workerEnv = {
  ...testEnvironment({
    temporalAddress: server.address,
    emulatorUrl: emulator.url,
    taskQueue: 'recorded',
    bearer: emulator.bearer,
  }),
  ADMISSION_WORKFLOW_BUNDLE: bundle,
  ADMISSION_POLICIES: fileURLToPath(new URL('../crash/policies/admission.yaml', import.meta.url)),
  ON_CALL_URL: onCall.url,
  CHAT_SECRET: `whsec_${Buffer.alloc(32, 'a').toString('base64')}`,
};
const telling = { ADMISSION_NOTIFICATIONS: join(folder, 'notifications.yaml') };
await writeFile(telling.ADMISSION_NOTIFICATIONS, notificationsTo(onCall.url));
const access = await connect(workerEnv);
if (!access.ok) throw new Error(access.error.message);
const { client } = access.value;
const lanes = Array.from({ length: LANES }, (_, index) => createLane(workerEnv, `recorded-${index}`, client));
try {
  const texts = new Map<string, string>();
  // Scenes with the same settings one after the other: then workers need not be started anew.
  const waiting = Object.entries(scenes).toSorted(([, a], [, b]) => settingsText(a).localeCompare(settingsText(b)));
  const recordAllIn = async (lane: Lane): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) texts.set(next[0], await record(lane, ...next));
  };
  await Promise.all(lanes.map(recordAllIn));
  // Only when all went well: what is there is worth more than half of what is new.
  await rm(HISTORIES, { recursive: true, force: true });
  await mkdir(HISTORIES, { recursive: true });
  for (const [name, text] of texts) await writeFile(new URL(`${name}.json`, HISTORIES), text);
} finally {
  await Promise.all(lanes.map(async (lane) => lane.stop('SIGKILL')));
  await Promise.all([server.stop(), emulator.close(), onCall.close()]);
  await rm(folder, { recursive: true });
}
// Whoever asked for a request that is still evaluated waits for an answer, which nobody gives any more.
process.exit();

function settingsOf({ settings, tells = false }: Scene): Record<string, string> {
  return { ...settings, ...(tells ? telling : {}) };
}

function settingsText(scene: Scene): string {
  return JSON.stringify(settingsOf(scene));
}

async function record(lane: Lane, name: string, scene: Scene): Promise<string> {
  await lane.use(settingsOf(scene));
  const stage = await createStage({ emulator, client, onCall }, lane.service, lane.taskQueue);
  const played = await scene.play(stage, lane).catch((error: unknown) => {
    throw new Error(`the scene ${name} went wrong`, { cause: error });
  });
  const { id = stage.id, runId } = played ?? {};
  const history = await client.workflow.getHandle(id, runId).fetchHistory();
  log(`${name}: ${history.events?.length} events`);
  return asText(name, history);
}

function notificationsTo(url: string): string {
  return [
    'apiVersion: admission/v1',
    'channels:',
    `  - { name: chat, use: webhook, params: { url: ${url}, secretEnv: CHAT_SECRET } }`,
    'rules:',
    '  - { when: [pending, remind, escalated, incident], to: [approvers], by: chat }',
    '  - { when: [joined, changesRequested, revoked], to: [requester], by: chat }',
    '',
  ].join('\n');
}

function asText(name: string, history: temporal.api.history.v1.IHistory): string {
  const { events } = scrubbed(JSON.parse(historyToJSON(history))) as { events: object[] };
  const text = `{"events":[\n${events.map((event) => JSON.stringify(event)).join(',\n')}\n]}\n`;
  const left = traces(text);
  if (left.length > 0) throw new Error(`${name} still names this machine: ${left.join(', ')}`);
  return text;
}
