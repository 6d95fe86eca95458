import { createChimeClients } from '../chime/client.ts';
import { createChimeReads } from '../chime/reads.ts';
import { SEARCH_ATTRIBUTES } from '../domain/search-attributes.ts';
import { embeddedPolicySet, type PolicySet } from '../policies/policy-set.ts';
import { createAdmissionService } from '../service/admission-service.ts';
import { connect } from '../service/connect.ts';
import { startLocalStack, type LocalStack } from '../stack/local-stack.ts';
import { createLogger, installRuntime } from '../telemetry.ts';
import { scenes } from './scenes.ts';
import { createStage, valueOf } from './stage.ts';

export interface DemoOptions {
  readonly print: (line: string) => void;
  /** What takes long, and is not part of the show. */
  readonly progress: (line: string) => void;
  readonly stop: AbortSignal;
  /** Runs a worker on an environment until it is stopped; `ready` is called when it works. */
  readonly runWorker: RunWorker;
}

type RunWorker = (
  options: {
    env: NodeJS.ProcessEnv;
    logger: ReturnType<typeof createLogger>;
    stop: AbortSignal;
    policySet: PolicySet;
  },
  ready: () => void,
) => Promise<void>;

/** Plays every scene on a stack of its own, and leaves nothing behind. Throws when a scene goes wrong. */
export async function runDemo(options: DemoOptions): Promise<void> {
  const { print, progress, stop } = options;
  const startedAt = performance.now();
  print('Channel Admission: a real Temporal server, a Chime emulator and a worker, all on this machine.');
  const stack = await startLocalStack({
    mode: 'temporary',
    log: progress,
    signal: stop,
    searchAttributes: SEARCH_ATTRIBUTES,
  });
  try {
    const { address, uiUrl } = stack.temporal;
    print(`Temporal at ${address}${uiUrl ? ` (UI ${uiUrl})` : ''}, Chime emulator at ${stack.emulator.url}`);
    await withWorker(stack, options, () => playAll(stack, options));
  } finally {
    await stack.stop();
  }
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  print(`\nAll ${scenes.length} scenes went as they should, in ${seconds} s. Nothing is left running.`);
}

async function withWorker(
  stack: LocalStack,
  { stop, runWorker }: DemoOptions,
  play: () => Promise<void>,
): Promise<void> {
  // A queue of its own: the server may be one that others use. The AWS SDK reads its variables from the process.
  const taskQueue = `demo-${process.pid}`;
  Object.assign(process.env, stack.env, {
    ADMISSION_TASK_QUEUE: taskQueue,
    ADMISSION_CHIME_TASK_QUEUE: `${taskQueue}-chime`,
  });
  const logger = createLogger('silent');
  installRuntime(logger);
  const played = new AbortController();
  const { promise: isReady, resolve: ready } = Promise.withResolvers<void>();
  const working = runWorker(
    // The scenes are those of the embedded set, whatever lies in the folder.
    { env: process.env, logger, stop: AbortSignal.any([stop, played.signal]), policySet: embeddedPolicySet() },
    ready,
  );
  try {
    await Promise.race([isReady, working]);
    await unlessStopped(play(), stop);
  } finally {
    played.abort();
    await working;
  }
}

/** Does not wait for a scene that nobody wants to see any more. */
async function unlessStopped(play: Promise<void>, stop: AbortSignal): Promise<void> {
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  stop.addEventListener('abort', () => reject(stop.reason as Error), { once: true });
  // Whichever comes second, nobody waits for it.
  play.catch(() => undefined);
  stopped.catch(() => undefined);
  await Promise.race([play, stopped]);
}

async function playAll(stack: LocalStack, { print, stop }: DemoOptions): Promise<void> {
  const access = valueOf(await connect(process.env));
  const clients = createChimeClients({ callTimeoutMs: 5_000 });
  const { client } = access;
  const taskQueue = process.env['ADMISSION_TASK_QUEUE'] ?? '';
  const idKey = stack.env['ADMISSION_ID_KEY'];
  const service = createAdmissionService({ client, taskQueue, bearers: [stack.serviceBearer], idKey });
  const stage = createStage(stack, service, createChimeReads(clients));
  try {
    for (const [index, scene] of scenes.entries()) {
      stop.throwIfAborted();
      print(`\n${index + 1}. ${scene.title}`);
      for (const line of await scene.play(stage)) print(line);
    }
  } finally {
    // The connection is left to the end of the process: a call that the client still retries would throw out of its timer.
    clients.destroy();
  }
}
