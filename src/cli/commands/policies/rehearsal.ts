import type { Config } from '../../../config.ts';
import { arnShape, parseArn } from '../../../domain/arn.ts';
import type { JoinRequest } from '../../../domain/request.ts';
import { askedNow, runPolicy } from '../../../policies/run-policy.ts';
import type { PolicySet } from '../../../policies/policy-set.ts';
import { choosePolicySet } from '../../../policies/load/load-policy-set.ts';
import type { Rehearsal } from '../../../authoring/decide.ts';
import { acceptedFact } from '../../../authoring/facts.ts';
import { bad, good } from '../../../service/result.ts';
import type { AdmissionError, Result } from '../../../service/result.ts';
import { configOf } from '../../context.ts';
import { currentEnvironment } from '../../dev-stack.ts';
import { note } from '../../output.ts';
import type { RehearsalOptions } from '../../request-options.ts';
import { factsFrom, UnreadableFacts } from './simulation-facts.ts';
import { requestOf } from './simulation-request.ts';

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
  const longer = longerTerm(options);
  if (!longer.ok) return longer;
  const now = options.now === undefined ? new Date() : new Date(options.now);
  if (Number.isNaN(now.getTime())) return bad(NO_TIME);
  const env = await currentEnvironment();
  const config = await configOf(env);
  if (!config.ok) return config;
  const chosen = await choosePolicySet(options.set ?? config.value.ADMISSION_POLICIES);
  if (!chosen.ok)
    return bad({ code: 'InvalidPolicySet', field: 'set', message: chosen.message, details: chosen.details });
  const common = { set: chosen.set, request: request.value, config: config.value };
  const source = await factsFrom(options.facts, { ...common, ...longer.value, now, env });
  if (!source.ok) return source;
  const asking = { now, log, ...askedNow(now), ...longer.value };
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

/** That a longer term is asked for, by whom, and whether the one that there is was decided. */
function longerTerm({ extend, askedBy, termDecided = false }: RehearsalOptions): Result<Partial<Rehearsal>> {
  if (extend) {
    if (askedBy !== undefined && !['user', 'bot'].includes(parseArn(askedBy)?.kind ?? '')) return bad(NO_ASKER);
    return good({ purpose: 'extend', askedBy, termDecided });
  }
  return askedBy === undefined && !termDecided ? good({}) : bad(NOT_LONGER);
}

const NO_ASKER: AdmissionError = {
  code: 'InvalidCall',
  field: 'askedBy',
  message: '--asked-by: this is no ARN of a user or bot',
  accepted: arnShape('user|bot'),
};

const NOT_LONGER: AdmissionError = {
  code: 'InvalidCall',
  field: 'extend',
  message: '--asked-by and --term-decided say something of a longer term',
  accepted: '--extend beside them',
};

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
