import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Command } from 'commander';
import { SEARCH_ATTRIBUTES } from '../../domain/search-attributes.ts';
import { siblingScript } from '../../sibling-script.ts';
import type { LocalStack } from '../../stack/local-stack.ts';
import { columns, note, print, printError, EXIT, io } from '../output.ts';

/** Aborted by the first Ctrl-C or SIGTERM; a second one ends the process at once. */
function stopOnSignals(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(130);
      controller.abort(new Error(`stopped by ${signal}`));
    });
  }
  return controller.signal;
}

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

export function addDemo(program: Command): void {
  program
    .command('demo')
    .summary('show the whole job on real parts')
    .description(
      'Plays the whole job on a real Temporal server, an emulator and a worker, checks it, and leaves nothing behind.',
    )
    .action(demo);
}

async function demo(): Promise<void> {
  const stop = stopOnSignals();
  // Loaded late: the native part of a worker would slow down every other command.
  const [{ runWorker }, { runDemo }] = await Promise.all([import('../../../worker.ts'), import('../../demo/demo.ts')]);
  try {
    await runDemo({ print: line, progress: note, stop, runWorker });
  } catch (error) {
    if (stop.aborted) {
      note('stopped; nothing is left running');
      io().exitCode = INTERRUPTED;
      return;
    }
    printError(false, { code: 'StartFailed', message: error instanceof Error ? error.message : String(error) });
    io().exitCode = EXIT.problem;
  }
}

function line(text: string): void {
  print(false, text, () => text.split('\n'));
}

/** What shells say of a command that Ctrl-C ended. */
const INTERRUPTED = 130;

const EMULATOR = siblingScript(import.meta.url, '../../../emulator/main');

interface EmulatorOptions {
  port: string;
  seed?: string;
  publicSelfJoin: string;
  json?: boolean;
}

export function addEmulator(program: Command): void {
  program
    .command('emulator')
    .summary('run an Amazon Chime SDK Messaging emulator')
    .description('Runs an Amazon Chime SDK Messaging emulator on 127.0.0.1, in memory, until it is stopped.')
    .option('--port <n>', 'the port; 0 takes a free one', '0')
    .option('--seed <file>', 'app instances, users and channels to begin with, as JSON')
    .option(
      '--public-self-join <rule>',
      'whether anyone may add themselves to a public channel: allow or deny',
      'allow',
    )
    .option('--json', 'print the ready line as JSON')
    .action(runEmulator);
}

/** The emulator checks its own options, so that it says the same however it is started. */
async function runEmulator({ port, seed, publicSelfJoin, json }: EmulatorOptions): Promise<void> {
  const args = [
    '--port',
    port,
    '--public-self-join',
    publicSelfJoin,
    ...(seed === undefined ? [] : ['--seed', seed]),
    ...(json ? ['--json'] : []),
  ];
  // Its stdin is a pipe of ours: when this process dies, whatever the way, the emulator goes too.
  const child = spawn(process.execPath, [EMULATOR, ...args, '--exit-with-parent'], {
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => child.kill('SIGTERM'));
  const [code] = (await once(child, 'exit')) as [number | null];
  io().exitCode = code ?? 1;
}
