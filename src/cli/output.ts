import { AsyncLocalStorage } from 'node:async_hooks';
import type { Environment } from '../config.ts';
import type { Outcome, State } from '../domain/outcome.ts';
import { cell, cells, safeJson, visible } from '../domain/text.ts';
import { redacted, redactedAll } from '../redact.ts';
import type { AdmissionError } from '../service/result.ts';

/** The part of a process that a command reads and writes. `process` is one; a test brings its own, and needs no process. */
export interface Io {
  readonly env: Environment;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

interface Call extends Io {
  exitCode: number;
  /** Notes that are printed once a call, however often a command comes to them. */
  readonly notes: Set<string>;
}

const calls = new AsyncLocalStorage<Call>();

/** The input and output of the call that runs now. */
export function io(): Call {
  const call = calls.getStore();
  if (!call) throw new Error('commands run inside of runCli');
  return call;
}

/** Runs a command with its own input and output, and gives its exit code. */
export async function withIo({ env, stdout, stderr }: Io, command: () => unknown): Promise<number> {
  const call: Call = { env, stdout, stderr, exitCode: 0, notes: new Set() };
  await calls.run(call, async () => await command());
  return call.exitCode;
}

/** What the process says when it ends; docs/operations.md lists them. */
export const EXIT = { ok: 0, problem: 1, input: 2, refused: 3, waiting: 4, failed: 5, noAnswer: 6 } as const;

const ERRORS: Record<string, number> = {
  NoServer: EXIT.noAnswer,
  NoWorker: EXIT.noAnswer,
  Unavailable: EXIT.problem,
  ListFailed: EXIT.problem,
  StartFailed: EXIT.problem,
  SetupFailed: EXIT.problem,
};

/** Bad or refused input, unless the error says that something else is at fault. */
function exitCodeOf(error: AdmissionError): number {
  return ERRORS[error.code] ?? EXIT.input;
}

/** The exit code of `admit join`. */
export function exitCodeOfJoin({ state, outcome }: { state: State; outcome: Outcome | null }): number {
  switch (outcome) {
    case 'joined':
    case 'alreadyMember':
      return EXIT.ok;
    case 'denied':
    case 'expired':
    case 'withdrawn':
    case 'revoked':
      return EXIT.refused;
    case 'failed':
      return EXIT.failed;
    case null:
      return state === 'active' ? EXIT.ok : EXIT.waiting;
  }
}

/** Prints what a command found: JSON for programs, lines for people. Each is one line, whatever people wrote into it. */
export function print(json: boolean | undefined, value: unknown, lines: () => readonly string[]): void {
  io().stdout.write(`${json ? safeJson(value) : lines().map(visible).join('\n')}\n`);
}

/** Prints an error and sets the exit code: as JSON on stdout, or as text on stderr. */
export function printError(json: boolean | undefined, found: AdmissionError): void {
  const error = redactedAll(found, io().env);
  io().exitCode = exitCodeOf(error);
  if (json) {
    io().stdout.write(`${safeJson({ error })}\n`);
    return;
  }
  const { code, message, field, accepted, details = [] } = cells(error);
  const lines = [
    `error: ${message}`,
    ...details.map((one) => `  ${one}`),
    ...(field ? [`  field     ${field}`] : []),
    ...(accepted ? [`  accepted  ${accepted}`] : []),
    `  code      ${code}`,
  ];
  lines.forEach(note);
}

/** Says on stderr what a list leaves out: what can be read is printed all the same. */
export function noteUnread(ids: readonly string[] = []): void {
  if (ids.length === 0) return;
  const some = ids.slice(0, 10).map((id) => cell(id));
  const more = ids.length > some.length ? ', …' : '';
  const why = 'it cannot be read, or is on another task queue';
  note(`left out, since ${why}: ${ids.length} (${some.join(', ')}${more}); look at it in Temporal`);
}

/** Progress and remarks: for people, never mixed into what programs read. */
export function note(line: string): void {
  io().stderr.write(`${visible(redacted(line, io().env))}\n`);
}

/** Rows with columns that stand below each other, each cell as it may be shown. */
export function columns(given: readonly (readonly string[])[], indent = ''): string[] {
  const rows = given.map((row) => row.map((one) => cell(one)));
  const widths = (rows[0] ?? []).map((_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)));
  return rows.map((row) => (indent + row.map((one, index) => one.padEnd(widths[index] ?? 0)).join('  ')).trimEnd());
}
