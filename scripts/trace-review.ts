import { existsSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, NativeConnection, type WorkerOptions } from '@temporalio/worker';
import { createChimeClients } from '../src/chime/client.ts';
import { readConfig } from '../src/config.ts';
import { SEARCH_ATTRIBUTES } from '../src/domain/search-attributes.ts';
import { createAdmissionService } from '../src/service/admission-service.ts';
import { connect } from '../src/service/connect.ts';
import type { Result } from '../src/service/result.ts';
import { startLocalStack } from '../src/stack/local-stack.ts';
import { createLogger, installRuntime } from '../src/telemetry.ts';
import { createWorkers } from '../worker.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** How often functions of each file of `src` were called. */
export type Calls = ReadonlyMap<string, number>;

/**
 * The calls of one review that completes an approval, from the call of the service to the end of the request, as V8 counts them. Service,
 * activities and workflow run in one thread (`debugMode`), and the request before it has loaded all that is loaded once. What the
 * optimizer makes of a function changes no count; a call of a library counts for nothing.
 */
export async function traceReview(): Promise<Calls> {
  const stack = await startLocalStack({ mode: 'temporary', log: () => undefined, searchAttributes: SEARCH_ATTRIBUTES });
  try {
    Object.assign(process.env, stack.env);
    installRuntime(createLogger('silent'));
    const [config, access] = [valueOf(readConfig(stack.env)), valueOf(await connect(stack.env))];
    const { address, client } = access;
    const connection = await NativeConnection.connect({ address });
    const clients = createChimeClients({ callTimeoutMs: 5_000 });
    const { code } = await bundleWorkflowCode({ workflowsPath: `${root}src/workflows/index.ts`, logger: QUIET });
    const source: Partial<WorkerOptions> = { workflowBundle: { code }, debugMode: true };
    const workers = await createWorkers({ config, connection, namespace: 'default', clients }, source);
    const running = Promise.all(workers.map((worker) => worker.run()));
    const service = createAdmissionService({
      client,
      taskQueue: config.ADMISSION_TASK_QUEUE,
      bearers: [stack.serviceBearer],
      idKey: config.ADMISSION_ID_KEY,
    });
    const pending = async (name: string) =>
      valueOf(
        await service.join({ channelArn: `${stack.appInstanceArn}/channel/board`, memberArn: stack.users[name] ?? '' }),
      ).id;
    const review = async (id: string) => {
      const actor = { principal: stack.users['mona'] ?? '' };
      valueOf(await service.review(id, { actor, decision: 'approve' }));
      valueOf(await service.wait(id));
    };
    await review(await pending('carol'));
    const calls = await counted(await pending('dave'), review, code);
    for (const worker of workers) worker.shutdown();
    await running;
    clients.destroy();
    await connection.close();
    await access.close();
    return calls;
  } finally {
    await stack.stop();
  }
}

async function counted(id: string, work: (id: string) => Promise<void>, bundle: string): Promise<Calls> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  await session.post('Profiler.takePreciseCoverage');
  await work(id);
  const { result } = await session.post('Profiler.takePreciseCoverage');
  session.disconnect();
  const fileOf = mapOf(bundle);
  const calls = new Map<string, number>();
  for (const { url, functions } of result) {
    // The inspector gives the bundle an address beside the working folder.
    const inBundle = /\/workflow-[^/]*\.js$/.test(url);
    const own = url.startsWith('file:') ? relative(root, fileURLToPath(url)) : undefined;
    for (const { ranges } of functions) {
      const [range] = ranges;
      const file = inBundle && range ? fileOf(range.startOffset) : own;
      // A function that begins a file is the module itself.
      if (!range || range.count === 0 || range.startOffset === 0 || !isOurs(file)) continue;
      calls.set(file, (calls.get(file) ?? 0) + range.count);
    }
  }
  return calls;
}

/** Libraries in the bundle have a `src` of their own. */
function isOurs(file: string | undefined): file is string {
  return file?.startsWith('src/') === true && existsSync(`${root}${file}`);
}

/** Which source file a place in the bundle comes from. */
function mapOf(bundle: string): (offset: number) => string | undefined {
  const encoded = /sourceMappingURL=data:[^,]*,(\S+)/.exec(bundle)?.[1] ?? '';
  const map = new SourceMap(JSON.parse(Buffer.from(encoded, 'base64').toString()) as SourceMapPayload);
  const lineStarts = [0, ...[...bundle.matchAll(/\n/g)].map(({ index }) => index + 1)];
  return (offset) => {
    const line = lineStarts.findLastIndex((start) => start <= offset);
    const entry = map.findEntry(line, offset - (lineStarts[line] ?? 0));
    const source = 'originalSource' in entry ? entry.originalSource : '';
    return /(?:^|\/)(src\/[^?]*\.ts)/.exec(source.replace(root, ''))?.[1];
  };
}

const nothing = () => undefined;
const QUIET = { log: nothing, trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };

function valueOf<T>(result: Result<T> | { ok: true; value: T } | { ok: false; issues: unknown }): T {
  if (result.ok) return result.value;
  throw new Error(JSON.stringify(result));
}
