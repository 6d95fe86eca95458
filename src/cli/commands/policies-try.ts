import type { Command } from 'commander';
import type { Simulation } from '../../authoring/simulate.ts';
import { bad, good, type AdmissionError } from '../../service/result.ts';
import { withService, type Context } from '../context.ts';
import { addRehearsalOptions, addRequestOptions, type RehearsalOptions } from '../options.ts';
import { print, printError, EXIT, io } from '../output.ts';

export function addPoliciesSimulate(policies: Command): void {
  const command = policies
    .command('simulate')
    .summary('say what a request would come to, without asking it')
    .description('Decides a hypothetical request on facts that are read now, or given. Nothing is started or written.');
  addRehearsalOptions(addRequestOptions(command))
    .option('--extend', 'a longer term is asked for: --term is then the whole of it')
    .option('--asked-by <arn>', 'with --extend: who asks for it (default: who asked to join)')
    .option('--term-decided', 'with --extend: people decided the term that there is, or an office holder set it')
    .option('--json', 'print JSON')
    .action(runSimulation);
}

async function runSimulation(options: RehearsalOptions & { json?: boolean }): Promise<void> {
  const [{ missingFacts, rehearse }, { simulate, formatSimulation }] = await Promise.all([
    import('./rehearsal.ts'),
    import('../../authoring/simulate.ts'),
  ]);
  const simulated = await rehearse<Simulation>(options, async ({ set, request, rehearsal }) => {
    const found = await simulate(set, request, rehearsal);
    return found.ok ? good(found.simulation) : bad(missingFacts(found.missing));
  });
  if (!simulated.ok) return printError(options.json, simulated.error);
  print(options.json, simulated.value, () => formatSimulation(simulated.value));
}

export function addPoliciesExplain(policies: Command): void {
  policies
    .command('explain')
    .summary('say why a request was decided as it was')
    .description(
      'Shows what every policy said of a request, with the facts and expressions that made it so, as recorded then: nothing is evaluated again.',
    )
    .argument('<id>', 'the id of the request')
    .option('--json', 'print JSON')
    .action((id: string, { json }: { json?: boolean }) =>
      withService(json, async ({ service }) => {
        const view = await service.show(id);
        if (!view.ok) return view.error;
        const [{ explainRequest }, { formatExplanation }] = await Promise.all([
          import('../../authoring/explain.ts'),
          import('../../authoring/explain-text.ts'),
        ]);
        const explanation = explainRequest(view.value);
        print(json, explanation, () => formatExplanation(explanation));
        return undefined;
      }),
    );
}

interface BacktestOptions {
  since: string;
  set: string;
  limit: string;
  json?: boolean;
}

export function addPoliciesBacktest(policies: Command): void {
  policies
    .command('backtest')
    .summary('decide recorded requests again with another policy set')
    .description(
      'Decides recorded requests again from the facts that were recorded, and shows which would have come out otherwise. Neither Chime nor any external policy is asked.',
    )
    .requiredOption('--since <duration>', 'how far back, such as 12h or 30d')
    .requiredOption('--set <file>', 'the policy set to try')
    .option('--limit <n>', 'at most so many requests, the newest first', '1000')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExit codes: 0 nothing would change, 1 something would, or cannot be told, 6 no server.')
    .action((options: BacktestOptions) => withService(options.json, (context) => runBacktest(options, context)));
}

async function runBacktest(options: BacktestOptions, { access, config }: Context): Promise<AdmissionError | undefined> {
  const [{ DURATION, durationMs, isDuration }, { backtest, formatBacktest }, { choosePolicySet }, records] =
    await Promise.all([
      import('../../domain/duration.ts'),
      import('../../authoring/backtest.ts'),
      import('../../policies/load/load-policy-set.ts'),
      import('../../service/recorded-requests.ts'),
    ]);
  const { since, json } = options;
  const limit = Number(options.limit);
  const wrong = isDuration(since) ? limitIssue(limit) : sinceIssue(since, DURATION);
  if (wrong) return { code: 'InvalidCall', ...wrong };
  const chosen = await choosePolicySet(options.set);
  if (!chosen.ok) return { code: 'InvalidPolicySet', field: 'set', message: chosen.message, details: chosen.details };
  const from = new Date(Date.now() - durationMs(since));
  const [recorded, keptDays] = await Promise.all([
    records.recordedRequests({ since: from, limit, taskQueue: config.ADMISSION_TASK_QUEUE }, access),
    records.retentionDays(access),
  ]);
  if (!recorded.ok) return recorded.error;
  const { views, more, openWithoutWorker, withoutRecord } = recorded.value;
  const found = await backtest(chosen.set, views);
  const tooFar = keptDays !== undefined && durationMs(since) > keptDays * 86_400_000;
  const report = {
    since: from.toISOString(),
    requests: views.length,
    ...found,
    openWithoutWorker,
    withoutRecord,
    more,
  };
  print(json, { ...report, keptDays: keptDays ?? null, tooFar, digest: chosen.set.digest }, () => [
    ...formatBacktest(found),
    ...(openWithoutWorker > 0 ? [`${openWithoutWorker} open request(s) were left out: no worker answers`] : []),
    ...(withoutRecord > 0 ? [`${withoutRecord} request(s) were left out: they ended without a record`] : []),
    ...(more ? [`there are more than ${limit}: only the newest were looked at (--limit)`] : []),
    ...(keptDays === undefined ? [] : [keptText(keptDays)]),
    ...(tooFar ? [`warning: --since ${since} goes further back than that; what is gone was not looked at`] : []),
  ]);
  io().exitCode = found.changed.length + found.undecidable.length > 0 ? EXIT.problem : EXIT.ok;
  return undefined;
}

function keptText(days: number): string {
  return `the namespace keeps closed requests for ${Number(days.toFixed(1))} day(s)`;
}

function sinceIssue(since: string, accepted: string): Omit<AdmissionError, 'code'> {
  return { field: 'since', message: `--since: ${since} is no duration`, accepted };
}

function limitIssue(limit: number): Omit<AdmissionError, 'code'> | undefined {
  if (Number.isInteger(limit) && limit >= 1 && limit <= 100_000) return undefined;
  return { field: 'limit', message: `--limit: not a number of requests`, accepted: 'a whole number from 1 to 100000' };
}
