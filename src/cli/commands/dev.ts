import type { Command } from 'commander';
import { SEARCH_ATTRIBUTES } from '../../domain/search-attributes.ts';
import type { LocalStack } from '../../stack/local-stack.ts';
import { columns, note, print, printError } from '../output.ts';
import { stopOnSignals } from '../stop-on-signals.ts';

const DIRECTORY = '.admission';
const LOG_FILE = `${DIRECTORY}/worker.log`;
const TASK_QUEUE = 'channel-admission';

export function addDev(program: Command): void {
  program
    .command('dev')
    .summary('run everything here: Temporal, emulator and worker')
    .description(`Runs Temporal, a Chime emulator and a worker until Ctrl-C. What they know is kept in ${DIRECTORY}/.`)
    .option('--json', 'print one JSON line when ready')
    .action(dev);
}

async function dev({ json }: { json?: boolean }): Promise<void> {
  const stop = stopOnSignals();
  // Loaded late: the native part of a worker would slow down every other command.
  const { startLocalStack } = await import('../../stack/local-stack.ts');
  try {
    const stack = await startLocalStack({
      mode: 'kept',
      directory: DIRECTORY,
      log: note,
      signal: stop,
      searchAttributes: SEARCH_ATTRIBUTES,
      taskQueue: TASK_QUEUE,
    });
    try {
      await work(stack, stop, json);
    } finally {
      await stack.stop();
    }
  } catch (error) {
    // Stopped while it was starting: that is no error.
    if (stop.aborted) return;
    printError(json, { code: 'StartFailed', message: error instanceof Error ? error.message : String(error) });
  }
}

async function work(stack: LocalStack, stop: AbortSignal, json: boolean | undefined): Promise<void> {
  const [{ runWorker }, { createLogger, installRuntime }] = await Promise.all([
    import('../../../worker.ts'),
    import('../../telemetry.ts'),
  ]);
  // The AWS SDK reads its own variables from the process.
  Object.assign(process.env, stack.env, { ADMISSION_TASK_QUEUE: TASK_QUEUE });
  const logger = createLogger('info', LOG_FILE);
  installRuntime(logger);
  await runWorker({ env: process.env, logger, stop }, () => {
    const { temporal, emulator, appInstanceArn, serviceBearer, users } = stack;
    const { address, namespace, uiUrl: ui } = temporal;
    const ready = {
      temporal: address,
      namespace,
      taskQueue: TASK_QUEUE,
      ui,
      emulator: emulator.url,
      appInstanceArn,
      serviceBearer,
      users,
    };
    print(json, ready, () => welcome(stack));
  });
}

function welcome({ temporal, emulator, appInstanceArn, users }: LocalStack): string[] {
  return [
    'Channel Admission is ready. Ctrl-C stops it; what it knows is kept in .admission/.',
    ...columns(
      [
        ['Temporal', temporal.address],
        ['Temporal UI', temporal.uiUrl ?? 'of your own server'],
        ['Chime emulator', emulator.url],
        ['worker log', LOG_FILE],
        ['people', Object.keys(users).join(', ')],
        ['channels', 'lobby (public), square (public), board (private), guild (private), arena (elastic)'],
      ],
      '  ',
    ),
    '',
    'Try, in this folder:',
    `  npx admit join --channel ${appInstanceArn}/channel/board --member ${users['alice']}`,
    '  npx admit list',
    `  npx admit review ID --approve --as ${users['mona']}`,
  ];
}
