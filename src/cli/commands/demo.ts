import type { Command } from 'commander';
import { runWorker } from '../../../worker.ts';
import { runDemo } from '../../demo/demo.ts';
import { EXIT } from '../exit-code.ts';
import { note, printError } from '../output.ts';
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
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  try {
    await runDemo({ print, progress: note, stop, runWorker });
  } catch (error) {
    if (stop.aborted) {
      note('stopped; nothing is left running');
      process.exitCode = INTERRUPTED;
      return;
    }
    printError(false, { code: 'StartFailed', message: error instanceof Error ? error.message : String(error) });
    process.exitCode = EXIT.problem;
  }
}

/** What shells say of a command that Ctrl-C ended. */
const INTERRUPTED = 130;
