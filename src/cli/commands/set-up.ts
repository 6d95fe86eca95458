import type { Command } from 'commander';
import { shownAddress } from '../../redact.ts';
import type { Check } from '../../service/doctor.ts';
import { withService, configOf } from '../context.ts';
import { currentEnvironment } from '../dev-stack.ts';
import { print, EXIT, io, printError } from '../output.ts';

export function addSetup(program: Command): void {
  program
    .command('setup')
    .summary('make the namespace ready')
    .description(
      'Registers the search attributes that requests need, and waits until they can be used. Safe to repeat.',
    )
    .option('--json', 'print JSON')
    .action(({ json }: { json?: boolean }) =>
      withService(json, async ({ access }) => {
        const { setUp } = await import('../../service/search-attributes.ts');
        const done = await setUp(access);
        if (!done.ok) return done.error;
        const { namespace, added, present } = done.value;
        print(json, done.value, () => [
          added.length > 0 ? `added ${added.join(', ')}` : 'nothing to add',
          `namespace ${namespace} has all ${added.length + present.length} search attributes, ready for use`,
        ]);
        return undefined;
      }),
    );
}

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .summary('check everything that requests need')
    .description(
      'Checks server, namespace, search attributes, workers, AWS credentials and service bearers, finds memberships whose request was terminated, and says how to mend each.',
    )
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExit codes: 0 all is well, 1 something needs mending, 6 no server answers.')
    .action(doctor);
}

async function doctor({ json }: { json?: boolean }): Promise<void> {
  const env = await currentEnvironment();
  const config = await configOf(env);
  if (!config.ok) return printError(json, config.error);
  // The AWS SDK reads its own variables from the process.
  Object.assign(process.env, env);
  const { connect, temporalConfig } = await import('../../service/connect.ts');
  const access = await connect(env);
  if (!access.ok) {
    report(json, [
      { name: 'server', ok: false, message: access.error.message, mend: serverMend(temporalConfig(env).address) },
    ]);
    io().exitCode = EXIT.noAnswer;
    return;
  }
  const [{ createChimeClients }, { diagnose }] = await Promise.all([
    import('../../chime/client.ts'),
    import('../../service/doctor.ts'),
  ]);
  const clients = createChimeClients({ callTimeoutMs: config.value.ADMISSION_CALL_TIMEOUT });
  try {
    const checks = await diagnose(access.value, config.value, clients);
    report(json, checks);
    io().exitCode = checks.every(({ ok }) => ok) ? EXIT.ok : EXIT.problem;
  } finally {
    clients.destroy();
    await access.value.close();
  }
}

function report(json: boolean | undefined, checks: readonly Check[]): void {
  print(json, { checks }, () =>
    checks.flatMap(({ name, ok, message, mend }) => [
      `${ok ? 'ok  ' : 'FAIL'}  ${name}: ${message}`,
      ...(mend ? [`      mend: ${mend}`] : []),
    ]),
  );
}

function serverMend(address: string): string {
  return `start one (\`npm run dev\`), or set TEMPORAL_ADDRESS (now ${shownAddress(address)})`;
}

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
