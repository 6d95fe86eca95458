// A program like `npm run dev`: starts a stack, says where it is, and stops it at Ctrl-C.
import process from 'node:process';
import { startLocalStack } from '../../src/stack/local-stack.ts';

const [mode = 'temporary', directory = '.admission'] = process.argv.slice(2);
const controller = new AbortController();
const interrupted = new Promise<void>((resolve) => {
  process.once('SIGINT', () => {
    controller.abort(new Error('Ctrl-C'));
    resolve();
  });
});

const stack = await startLocalStack({
  mode: mode === 'kept' ? 'kept' : 'temporary',
  directory,
  signal: controller.signal,
  log: (line) => process.stderr.write(`${line}\n`),
});
process.stdout.write(`${JSON.stringify({ temporal: stack.temporal.address, emulator: stack.emulator.url })}\n`);
await interrupted;
await stack.stop();
