import { readFile } from 'node:fs/promises';
import type { SeenError } from '../../../chime/error-signs.ts';
import type { Config, Environment } from '../../../config.ts';
import { bearerIssue, serviceBearerFor } from '../../../domain/bearers.ts';
import { isChimeFact, isHostFact } from '../../../domain/facts.ts';
import type { Facts } from '../../../domain/facts.ts';
import { classify } from '../../../domain/chime-errors.ts';
import type { JoinRequest } from '../../../domain/request.ts';
import type { Asking } from '../../../policies/run-policy.ts';
import type { ReadFacts } from '../../../policies/evaluate.ts';
import { formatIssue, type LoadIssue } from '../../../yaml/problem.ts';
import { parseYamlFile } from '../../../yaml/yaml-file.ts';
import { createOwnFacts } from '../../../policies/own-facts.ts';
import type { PolicySet } from '../../../policies/policy-set.ts';
import { knownFacts } from '../../../authoring/decide.ts';
import { givenFacts, impliedFacts } from '../../../authoring/facts.ts';
import { bad, good } from '../../../service/result.ts';
import type { AdmissionError, Result } from '../../../service/result.ts';

export interface FactSource {
  /** Throws UnreadableFacts. */
  readonly readFacts: ReadFacts;
  close(): void;
}

/** Chime did not tell what it was asked. */
export class UnreadableFacts extends Error {
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
export async function factsFrom(file: string | undefined, scope: Scope): Promise<Result<FactSource>> {
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
    import('../../../chime/client.ts'),
    import('../../../chime/reads.ts'),
    import('../../../chime/facts.ts'),
    import('../../../chime/error-signs.ts'),
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
