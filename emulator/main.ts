import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { SeedError, startEmulator, type Emulator, type Seed } from './server.ts';

interface Options {
  readonly port: number;
  readonly seed?: string;
  readonly publicSelfJoin: 'allow' | 'deny';
  readonly json?: true;
  readonly exitWithParent?: true;
}

function toPort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('A port is a whole number from 0 to 65535.');
  return port;
}

function readOptions(): Options {
  return new Command('emulator')
    .description('Emulates the Amazon Chime SDK messaging and identity APIs on 127.0.0.1.')
    .option('--port <number>', 'port to listen on, 0 for a free one', toPort, 0)
    .option('--seed <file>', 'JSON file with the initial state')
    .addOption(
      new Option('--public-self-join <rule>', 'whether users may add themselves to public channels')
        .choices(['allow', 'deny'])
        .default('allow'),
    )
    .option('--json', 'print the ready line as JSON')
    .option('--exit-with-parent', 'stop when standard input closes')
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
    .parse()
    .opts<Options>();
}

function fatal(message: string, code: 1 | 2): never {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}

function readSeed(file: string): Seed {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Seed;
  } catch (error) {
    return fatal(`Cannot read the seed ${file}: ${(error as Error).message}`, 2);
  }
}

async function start({ port, seed, publicSelfJoin }: Options): Promise<Emulator> {
  try {
    return await startEmulator({ port, publicSelfJoin, seed: seed === undefined ? undefined : readSeed(seed) });
  } catch (error) {
    if (error instanceof SeedError) return fatal(`The seed ${seed} is not valid:\n${error.message}`, 2);
    const { code, message } = error as NodeJS.ErrnoException;
    return fatal(code === 'EADDRINUSE' ? `Port ${port} is already in use` : `Cannot start: ${message}`, 1);
  }
}

const options = readOptions();
const { url, close } = await start(options);
const stop = () => void close().then(() => process.exit(0));
process.once('SIGTERM', stop).once('SIGINT', stop);
if (options.exitWithParent) process.stdin.once('close', stop).resume();
process.stdout.write(`${options.json ? JSON.stringify({ url }) : `Chime emulator ready on ${url}`}\n`);
