import { readFile } from 'node:fs/promises';
import { knownFacts, type Rehearsal } from '../../authoring/decide.ts';
import { acceptedFact, givenFacts, impliedFacts } from '../../authoring/facts.ts';
import type { SeenError } from '../../chime/error-signs.ts';
import type { Config, Environment } from '../../config.ts';
import { arnShape, parseArn } from '../../domain/arn.ts';
import { bearerIssue, serviceBearerFor } from '../../domain/bearers.ts';
import { classify } from '../../domain/chime-errors.ts';
import { isChimeFact, isHostFact, type Facts } from '../../domain/facts.ts';
import { parseJoinRequest, type JoinRequest } from '../../domain/request.ts';
import type { ReadFacts } from '../../policies/evaluate.ts';
import { choosePolicySet } from '../../policies/load/load-policy-set.ts';
import { createOwnFacts } from '../../policies/own-facts.ts';
import type { PolicySet } from '../../policies/policy-set.ts';
import { askedNow, runPolicy, type Asking } from '../../policies/run-policy.ts';
import { bad, good, type AdmissionError, type Result } from '../../service/result.ts';
import { formatIssue, type LoadIssue } from '../../yaml/problem.ts';
import { parseYamlFile } from '../../yaml/yaml-file.ts';
import { configOf } from '../context.ts';
import { currentEnvironment } from '../dev-stack.ts';
import { withFlag, requestFields, type RehearsalOptions, type RequestOptions } from '../options.ts';
import { note } from '../output.ts';

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

interface FactSource {
  /** Throws UnreadableFacts. */
  readonly readFacts: ReadFacts;
  close(): void;
}

/** Chime did not tell what it was asked. */
class UnreadableFacts extends Error {
  readonly error: AdmissionError;
  constructor(signs: SeenError) {
    super(`Chime does not tell the facts: ${signs.name}: ${signs.message}`);
    this.error = { code: 'Unavailable', message: this.message, accepted: classify(signs).hint };
  }
}

interface Scope extends Pick<Partial<Asking>, 'purpose' | 'askedBy'> {
  readonly set: PolicySet;
  readonly request: JoinRequest;
  readonly now: Date;
  readonly env: Environment;
  readonly config: Config;
}

/** The facts of a file, or where there is none those that Chime tells now. */
async function factsFrom(file: string | undefined, scope: Scope): Promise<Result<FactSource>> {
  return file === undefined ? factsOfChime(scope) : factsOfFile(file, scope);
}

async function factsOfFile(file: string, { set, request, now }: Scope): Promise<Result<FactSource>> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) {
    return bad({
      code: 'InvalidFacts',
      field: 'facts',
      message: `--facts: ${file} cannot be read`,
      accepted: 'a file',
    });
  }
  const source = parseYamlFile(text, file);
  if (!source.ok) return invalid(source.issues);
  const { value, issue } = source.yaml;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return invalid([issue({ path: [], message: 'facts are a mapping', accepted: 'such as requester.role: outsider' })]);
  }
  const given = givenFacts(value as Record<string, unknown>, { set, now });
  if (!given.ok) return invalid(given.problems.map(issue));
  return good({
    readFacts: knownFacts({ ...impliedFacts(request, now), ...given.facts }),
    close: () => undefined,
  });
}

async function factsOfChime({ set, request, env, config, purpose, askedBy }: Scope): Promise<Result<FactSource>> {
  const { ADMISSION_BEARERS: bearers, ADMISSION_CALL_TIMEOUT: callTimeoutMs } = config;
  const issue = bearerIssue(request, bearers);
  const bearer = serviceBearerFor(request.channelArn, bearers);
  if (issue || !bearer) return bad({ code: 'InvalidRequest', message: 'there is no service bearer', ...issue });
  // The AWS SDK reads its own variables from the process, and is loaded only where it is needed.
  Object.assign(process.env, env);
  const [{ createChimeClients }, { createChimeReads }, { createFactReader }, { signsOf }] = await Promise.all([
    import('../../chime/client.ts'),
    import('../../chime/reads.ts'),
    import('../../chime/facts.ts'),
    import('../../chime/error-signs.ts'),
  ]);
  const clients = createChimeClients({ callTimeoutMs });
  const chime = createFactReader(createChimeReads(clients), 0);
  const own = createOwnFacts(set);
  const read = chime.open(request, { channelArn: request.channelArn, bearer }, { askedBy });
  const signal = new AbortController().signal;
  return good({
    async readFacts(names): Promise<Facts> {
      const others = names.filter((name) => !isHostFact(name));
      const [facts, rest] = await Promise.all([
        read(names.filter(isChimeFact)).catch((error: unknown) => {
          throw new UnreadableFacts(signsOf(error));
        }),
        Promise.all(
          others.map(async (name) => [name, await own.read(name, request, signal, { purpose, askedBy })] as const),
        ),
      ]);
      return { ...facts, ...Object.fromEntries(rest) };
    },
    close: () => clients.destroy(),
  });
}

function invalid(issues: readonly LoadIssue[]): Result<FactSource> {
  return bad({
    code: 'InvalidFacts',
    field: 'facts',
    message: issues.map(formatIssue).join('; '),
  });
}

/** The request that is meant; an error names the flag beside the field. */
function requestOf(options: RequestOptions): Result<JoinRequest> {
  const parsed = parseJoinRequest(requestFields(options));
  if (parsed.ok) return good(parsed.value);
  const [issue] = parsed.issues;
  return bad(withFlag({ code: 'InvalidRequest', message: 'this is not a request', ...issue }));
}
