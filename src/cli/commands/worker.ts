import type { Command } from 'commander';
import { currentEnvironment } from '../dev-stack.ts';
import { io } from '../io.ts';

export function addWorker(program: Command): void {
  program
    .command('worker')
    .summary('run a worker')
    .description(
      'Runs a worker until SIGTERM or SIGINT, then drains. In the folder of a running `npm run dev` it joins that stack.',
    )
    .action(async () => {
      // Loaded late: the native part of a worker would slow down every other command.
      const { main } = await import('../../../worker.ts');
      // The AWS SDK reads its own variables from the process.
      Object.assign(process.env, await currentEnvironment());
      io().exitCode = await main(process.env);
    });
}
