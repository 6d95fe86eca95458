import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import pino, { type Logger } from 'pino';
import type { Config } from './config.ts';
import { safeJsonText } from './domain/text.ts';
import { redacted } from './redact.ts';

/** Logs of the process: JSON lines into `file` or on stderr, or coloured text on a terminal. */
export function createLogger(level: Config['ADMISSION_LOG_LEVEL'] | 'silent', file?: string): Logger {
  if (file !== undefined) return pino({ level, hooks }, pino.destination({ dest: file, mkdir: true, mode: 0o600 }));
  const stderr = 2;
  if (!process.stderr.isTTY) return pino({ level, hooks }, pino.destination(stderr));
  const options = { destination: stderr, ignore: 'pid,hostname' };
  return pino({ level, hooks, transport: { target: 'pino-pretty', options } });
}

/** Errors of libraries may carry URLs with user info, and texts of people anything. */
const hooks = { streamWrite: (line: string) => safeJsonText(redacted(line)) };

/** Sends the logs of Temporal, its native part and workflows included, through pino. One Runtime for each process. */
export function installRuntime(logger: Logger): void {
  const temporal = new DefaultLogger('DEBUG', ({ level, message, meta }) => {
    logger[LEVELS[level]](meta ?? {}, message);
  });
  Runtime.install({
    logger: temporal,
    // The shutdown of a worker is the business of whoever started it.
    shutdownSignals: [],
    telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }), forward: {} } },
  });
}

const LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;
