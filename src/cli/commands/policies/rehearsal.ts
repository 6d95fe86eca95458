import type { Command } from 'commander';
import type { Config } from '../../../config.ts';
import type { JoinRequest } from '../../../domain/request.ts';
import { askedNow } from '../../../policies/asking.ts';
import type { PolicySet } from '../../../policies/policy-set.ts';
import { runPolicy } from '../../../policies/run-policy.ts';
import { choosePolicySet } from '../../../policies/tools/choose-set.ts';
import type { Rehearsal } from '../../../policies/tools/decide.ts';
import { acceptedFact } from '../../../policies/tools/given-facts.ts';
import { bad } from '../../../service/result.ts';
import type { AdmissionError, Result } from '../../../service/result.ts';
import { configOf, currentEnvironment } from '../../context.ts';
import { note } from '../../output.ts';
import type { RequestOptions } from '../../request-options.ts';
import { factsFrom, UnreadableFacts } from './simulation-facts.ts';
import { requestOf } from './simulation-request.ts';

/** The options of a request that is judged and not made. */
export interface RehearsalOptions extends RequestOptions {
  set?: string;
  facts?: string;
  now?: string;
  askExternal?: boolean;
}

export function addRehearsalOptions(command: Command): Command {
  return command
    .option('--set <file>', 'the policy set (default: the one that a worker here would use)')
    .option('--facts <file>', 'facts to decide on, as YAML or JSON (default: those that Chime tells now)')
    .option('--now <time>', 'the time to decide at, in ISO 8601 (default: now)')
    .option('--ask-external', 'ask external policies too: they do I/O of their own');
}

/** All that is needed to judge a request without making it. */
export interface Prepared {
  readonly set: PolicySet;
  readonly request: JoinRequest;
  readonly rehearsal: Rehearsal;
  readonly config: Config;
}

/** Judges a request without making it: nothing is started or written. */
export async function rehearse<T>(
  options: RehearsalOptions,
  judge: (prepared: Prepared) => Promise<Result<T>>,
): Promise<Result<T>> {
  const request = requestOf(options);
  if (!request.ok) return request;
  const now = options.now === undefined ? new Date() : new Date(options.now);
  if (Number.isNaN(now.getTime())) return bad(NO_TIME);
  const env = await currentEnvironment();
  const config = configOf(env);
  if (!config.ok) return config;
  const chosen = await choosePolicySet(options.set ?? config.value.ADMISSION_POLICIES);
  if (!chosen.ok)
    return bad({ code: 'InvalidPolicySet', field: 'set', message: chosen.message, details: chosen.details });
  const common = { set: chosen.set, request: request.value, config: config.value };
  const source = await factsFrom(options.facts, { ...common, now, env });
  if (!source.ok) return source;
  const asking = { now, log, ...askedNow(now) };
  try {
    return await judge({
      ...common,
      rehearsal: {
        ...asking,
        readFacts: source.value.readFacts,
        ask: async (binding, facts) =>
          options.askExternal ? runPolicy(binding, { request: common.request, facts, ...asking }) : undefined,
      },
    });
  } catch (error) {
    if (error instanceof UnreadableFacts) return bad(error.error);
    throw error;
  } finally {
    source.value.close();
  }
}

/** Facts that the policies need, and that the given ones do not tell. */
export function missingFacts(missing: readonly string[]): AdmissionError {
  const message = `the facts say nothing of ${missing.join(', ')}`;
  const accepted = missing.map((name) => `${name}: ${acceptedFact(name)}`).join('; ');
  return { code: 'MissingFacts', field: 'facts', message, accepted };
}

function log(binding: string, message: string): void {
  note(`${binding}: ${message}`);
}

const NO_TIME: AdmissionError = {
  code: 'InvalidCall',
  field: 'now',
  message: '--now: this is no time',
  accepted: '2026-11-23T10:00:00Z',
};
