import type { Command } from 'commander';
import { choosePolicySet } from '../../../policies/tools/choose-set.ts';
import { acceptedFact } from '../../../policies/tools/given-facts.ts';
import { simulate } from '../../../policies/tools/simulate.ts';
import { formatSimulation } from '../../../policies/tools/simulation-text.ts';
import { runPolicy } from '../../../policies/run-policy.ts';
import type { AdmissionError } from '../../../service/result.ts';
import { configOf, currentEnvironment } from '../../context.ts';
import { note, print, printError } from '../../output.ts';
import { factsFrom, UnreadableFacts } from './simulation-facts.ts';
import { requestOf } from './simulation-request.ts';
import { addRequestOptions } from '../../request-options.ts';
import type { RequestOptions } from '../../request-options.ts';

interface SimulateOptions extends RequestOptions {
  set?: string;
  facts?: string;
  now?: string;
  askExternal?: boolean;
  json?: boolean;
}

export function addPoliciesSimulate(policies: Command): void {
  addRequestOptions(
    policies
      .command('simulate')
      .summary('say what a request would come to, without asking it')
      .description(
        'Decides a hypothetical request on facts that are read now, or given. Nothing is started or written.',
      ),
  )
    .option('--set <file>', 'the policy set (default: the one that a worker here would use)')
    .option('--facts <file>', 'facts to decide on, as YAML or JSON (default: those that Chime tells now)')
    .option('--now <time>', 'the time to decide at, in ISO 8601 (default: now)')
    .option('--ask-external', 'ask external policies too: they do I/O of their own')
    .option('--json', 'print JSON')
    .action(async (options: SimulateOptions) => {
      const error = await run(options);
      if (error) printError(options.json, error);
    });
}

async function run(options: SimulateOptions): Promise<AdmissionError | undefined> {
  const request = requestOf(options);
  if (!request.ok) return request.error;
  const now = options.now === undefined ? new Date() : new Date(options.now);
  if (Number.isNaN(now.getTime())) {
    return { code: 'InvalidCall', field: 'now', message: '--now: this is no time', accepted: '2026-11-23T10:00:00Z' };
  }
  const env = await currentEnvironment();
  const config = configOf(env);
  if (!config.ok) return config.error;
  const chosen = await choosePolicySet(options.set ?? config.value.ADMISSION_POLICIES);
  if (!chosen.ok) return { code: 'InvalidPolicySet', field: 'set', message: chosen.message };
  const { set } = chosen;
  const source = await factsFrom(options.facts, { set, request: request.value, now, env, config: config.value });
  if (!source.ok) return source.error;
  try {
    const simulated = await simulate(set, request.value, {
      readFacts: source.value.readFacts,
      now,
      log,
      ask: async (binding, facts) =>
        options.askExternal ? runPolicy(binding, { request: request.value, facts, now, log }) : undefined,
    });
    if (!simulated.ok) return missingFacts(simulated.missing);
    print(options.json, simulated.simulation, () => formatSimulation(simulated.simulation));
    return undefined;
  } catch (error) {
    if (error instanceof UnreadableFacts) return error.error;
    throw error;
  } finally {
    source.value.close();
  }
}

function log(binding: string, message: string): void {
  note(`${binding}: ${message}`);
}

function missingFacts(missing: readonly string[]): AdmissionError {
  const message = `the facts say nothing of ${missing.join(', ')}`;
  const accepted = missing.map((name) => `${name}: ${acceptedFact(name)}`).join('; ');
  return { code: 'MissingFacts', field: 'facts', message, accepted };
}
