import type { Client } from '@temporalio/client';
import type { AdmissionService } from '../../src/service/admission-service.ts';
import { createAdmissionService } from '../../src/service/admission-service.ts';
import { startWorkerProcess } from './worker-process.ts';
import type { WorkerProcess } from './worker-process.ts';

/** A queue of its own, and the real worker on it, in a process that can be killed. */
export interface Lane {
  readonly service: AdmissionService;
  readonly taskQueue: string;
  /** Sees to it that a worker runs, with these settings. */
  use(settings?: Record<string, string>): Promise<void>;
  /** Starts a worker again, with the settings of before. */
  start(): Promise<void>;
  stop(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
}

/** `env`: of the workers, but for their queues. */
export function createLane(env: Record<string, string>, taskQueue: string, client: Client): Lane {
  const queues = { ADMISSION_TASK_QUEUE: taskQueue, ADMISSION_CHIME_TASK_QUEUE: `${taskQueue}-chime` };
  let worker: WorkerProcess | undefined;
  let settings: Record<string, string> = {};
  const stop = async (signal: 'SIGKILL' | 'SIGTERM') => void (await worker?.kill(signal));
  const start = async () => {
    worker = await startWorkerProcess({ ...env, ...queues, ...settings });
  };
  return {
    service: createAdmissionService({ client, taskQueue, bearers: [] }),
    taskQueue,
    start,
    stop,
    async use(wanted = {}) {
      if (worker?.isRunning() && JSON.stringify(wanted) === JSON.stringify(settings)) return;
      await stop('SIGKILL');
      settings = wanted;
      await start();
    },
  };
}

/** Does a piece of work in whichever lane is free. */
export function inFreeLane(lanes: readonly Lane[]): <T>(work: (lane: Lane) => Promise<T>) => Promise<T> {
  const free = [...lanes];
  const waiting: ((lane: Lane) => void)[] = [];
  return async (work) => {
    const lane = free.shift() ?? (await new Promise<Lane>((resolve) => waiting.push(resolve)));
    try {
      return await work(lane);
    } finally {
      const next = waiting.shift();
      if (next) next(lane);
      else free.push(lane);
    }
  };
}
