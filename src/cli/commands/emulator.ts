import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Command } from 'commander';
import { siblingScript } from '../../sibling-script.ts';
import { io } from '../io.ts';

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
    .action(emulator);
}

/** The emulator checks its own options, so that it says the same however it is started. */
async function emulator({ port, seed, publicSelfJoin, json }: EmulatorOptions): Promise<void> {
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
