import type { Command } from 'commander';
import { EXIT } from '../exit-code.ts';
import { io } from '../io.ts';
import { note, print, printError } from '../output.ts';
import { stopOnSignals } from '../stop-on-signals.ts';

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
