import { Client, Connection, defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { Environment } from '../config.ts';
import type { Signer } from '../identity/signer.ts';
import { readablePayloads } from '../readable-payloads.ts';
import { redacted, shownAddress } from '../redact.ts';
import { bad, good, type Result } from './result.ts';

export interface TemporalAccess {
  readonly client: Client;
  readonly connection: Connection;
  readonly address: string;
  readonly namespace: string;
  close(): Promise<void>;
}

/** How long a server may take to answer, and a worker to take up work, in ms. */
export const ANSWER_WITHIN_MS = 10_000;

/** Where Temporal is, by the usual TEMPORAL_* variables and profiles. */
export function temporalConfig(env: Environment) {
  const given = Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const { connectionOptions, namespace = 'default' } = loaded(given);
  return { connectionOptions, address: connectionOptions.address ?? '127.0.0.1:7233', namespace };
}

/** A profile that is not there, or a file that cannot be read. The library quotes the lines of the file, keys and all. */
export class TemporalConfigError extends Error {
  override readonly name = 'TemporalConfigError';
  readonly field = 'TEMPORAL_CONFIG_FILE';
  readonly accepted = 'a TOML file of Temporal profiles; TEMPORAL_PROFILE names one of them';

  constructor() {
    super('the profile of TEMPORAL_PROFILE and TEMPORAL_CONFIG_FILE cannot be used: it is not there, or is no TOML');
  }
}

function loaded(given: Record<string, string>) {
  try {
    return loadClientConnectConfig({ overrideEnvVars: given });
  } catch {
    throw new TemporalConfigError();
  }
}

/** Connects to Temporal; an error, not an exception, when no server answers within 10 s. */
export async function connect(env: Environment): Promise<Result<TemporalAccess>> {
  const { connectionOptions, address, namespace } = temporalConfig(env);
  const { tls, apiKey, metadata } = connectionOptions;
  try {
    const connection = await Connection.connect({
      address,
      connectTimeout: ANSWER_WITHIN_MS,
      ...(tls === undefined ? {} : { tls }),
      ...(apiKey === undefined ? {} : { apiKey }),
      ...(metadata === undefined ? {} : { metadata }),
      // The default waits a second and more before the first retry, which a busy request answers within milliseconds.
      interceptors: [
        makeGrpcRetryInterceptor(defaultGrpcRetryOptions({ maxAttempts: 4, initialIntervalMs: () => 50 })),
        unlessClosed,
      ],
    });
    const client = new Client({ connection, namespace, dataConverter: { payloadCodecs: [readablePayloads] } });
    return good({ client, connection, address, namespace, close: () => connection.close() });
  } catch (error) {
    const message = `No Temporal server answers at ${shownAddress(address)}: ${whyNot(error, address)}`;
    return bad({
      code: 'NoServer',
      message,
      accepted: 'TEMPORAL_ADDRESS of a running server, or a folder where `npm run dev` runs',
    });
  }
}

/**
 * Comes after the one that retries. A call that nobody waits for any more may be tried again once its connection is closed: that
 * throws from a timer, and would end the process. It ends as cancelled instead.
 */
export const unlessClosed = ((options, nextCall) => {
  try {
    return nextCall(options);
  } catch (error) {
    return cancelledCall(error instanceof Error ? error.message : 'the connection is closed');
  }
}) as GrpcInterceptor;

type GrpcInterceptor = ReturnType<typeof makeGrpcRetryInterceptor>;
type Call = ReturnType<GrpcInterceptor>;
type Listener = NonNullable<Parameters<Call['start']>[1]>;
type Status = Parameters<NonNullable<Listener['onReceiveStatus']>>[0];

const nothing = () => undefined;

/** The part of a call that the retries use. */
function cancelledCall(details: string): Call {
  const start: Call['start'] = (metadata, listener) => {
    const status = { code: CANCELLED as Status['code'], details, metadata };
    // As of any call that fails: first no message, then why.
    queueMicrotask(() => {
      listener?.onReceiveMessage?.(null);
      listener?.onReceiveStatus?.(status);
    });
  };
  const unused = { cancelWithStatus: nothing, getPeer: () => '', startRead: nothing, getAuthContext: () => null };
  return {
    ...unused,
    start,
    sendMessage: nothing,
    sendMessageWithContext: nothing,
    halfClose: nothing,
  } as unknown as Call;
}

/** Of gRPC; its own enumeration is in a package that Temporal's client brings along. */
const CANCELLED: unknown = 1;

/** What the library says, which may quote the address. */
export function whyNot(error: unknown, address: string): string {
  const message = error instanceof Error ? error.message : String(error);
  return redacted(message.replaceAll(address, shownAddress(address)));
}

export interface ServiceOptions {
  readonly client: Client;
  readonly taskQueue: string;
  /** The service bearers, where they are known; none means that the worker alone checks them. */
  readonly bearers: readonly string[];
  /** `ADMISSION_ID_KEY`, the same as of the workers: ids and attributes cannot be computed without it. */
  readonly idKey?: string | undefined;
  /** Proves who gives a command, where an actor comes without proof. */
  readonly sign?: Signer;
}
