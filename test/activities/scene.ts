import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll } from 'vitest';
import { z } from 'zod';
import { createActivities } from '../../src/activities/index.ts';
import type { Activities } from '../../src/activities/index.ts';
import type { AdmitCall } from '../../src/domain/join/evaluation.ts';
import { createChimeClients } from '../../src/chime/client.ts';
import type { ChimeClients } from '../../src/chime/client.ts';
import type { JoinRequest } from '../../src/domain/request.ts';
import { NO_FLOWS } from '../../src/flows.ts';
import { DEFAULT_RETRY } from '../../src/domain/settings.ts';
import { createProver } from '../../src/identity/prover.ts';
import { bind } from '../../src/policies/binding.ts';
import { definePolicy } from '../../src/policies/policy.ts';
import { createPolicySet } from '../../src/policies/policy-set.ts';
import { allow } from '../../src/policies/verdicts.ts';
import { startTestEmulator } from '../support/emulator.ts';
import type { TestEmulator } from '../support/emulator.ts';

// The real SDK over HTTP to the emulator. Temporal has no part in what these activities find.

/** Emulator, clients and request of a test file that calls `useScene`, from `beforeAll` on; and who is on call, which may be anything at all. */
export const scene = {} as { emulator: TestEmulator; clients: ChimeClients; request: JoinRequest; onCall: unknown };

export const NOW = new Date().toISOString();

/** Call it where a test file begins. */
export function useScene(): void {
  beforeAll(async () => {
    const emulator = await startTestEmulator();
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_CHIME_SDK_MESSAGING: emulator.url,
      AWS_ENDPOINT_URL_CHIME_SDK_IDENTITY: emulator.url,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    });
    const memberArn = emulator.user('alice');
    scene.request = { channelArn: emulator.channel('board'), memberArn, requestedBy: memberArn, type: 'DEFAULT' };
    scene.emulator = emulator;
    scene.clients = createChimeClients({ callTimeoutMs: 2_000 });
    scene.onCall = [emulator.user('erin'), emulator.user('max')];
  });
  afterAll(async () => {
    scene.clients.destroy();
    await scene.emulator.close();
  });
}

/** Allows everything, and knows who is on call. */
export const rota = definePolicy({
  id: 'rota',
  version: '1.0.0',
  title: 'Rota',
  params: z.strictObject({}),
  facts: [],
  provides: {
    'oncall.people': {
      source: 'the rota',
      ttlMs: 60_000,
      read: () => {
        if (scene.onCall instanceof Error) throw scene.onCall;
        return scene.onCall;
      },
    },
  },
  kind: 'pure',
  evaluate: () => allow(),
});

/** The activities of a worker with these policies; it remembers facts for a minute. */
export function activities({ bindings = [bind(rota)], trustClients = true } = {}): Activities {
  const prover = createProver({ trustClients });
  const settings = {
    expireAfterMs: 1,
    validForMs: 1,
    chimeTaskQueue: 'q',
    retry: DEFAULT_RETRY,
    notify: false,
    commandsPerRun: 1,
  };
  const { clients, emulator } = scene;
  const policySet = createPolicySet(bindings);
  return createActivities({
    clients,
    taskQueue: 'test',
    policySet,
    flows: NO_FLOWS,
    bearers: [emulator.bearer],
    prover,
    settings,
    factTtlMs: 60_000,
  });
}

/** Runs an activity as a worker does. */
export async function run<Answer>(activity: () => Promise<Answer>): Promise<Answer> {
  return new MockActivityEnvironment().run<[], Answer, typeof activity>(activity);
}

export function admitting(more: Partial<AdmitCall> = {}): AdmitCall {
  const { request } = scene;
  return { request, purpose: 'join', requestedAt: NOW, answers: [], workflowId: 'join:1', asker: null, ...more };
}

const READS = ['DescribeChannelModerator', 'ListAppInstanceAdmins', 'ListChannelModerators', 'DescribeChannel'];

/** The calls to Chime that something took. */
export async function readsOf(body: () => Promise<unknown>): Promise<string[]> {
  const count = async () => Promise.all(READS.map(async (read) => (await scene.emulator.calls(read)).length));
  const before = await count();
  await body();
  const after = await count();
  return READS.flatMap((read, index) =>
    Array<string>((after[index] ?? 0) - (before[index] ?? 0)).fill(read),
  ).toSorted();
}
