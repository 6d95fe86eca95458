import { cell, cells, safeJson, visible } from '../domain/text.ts';
import { redacted, redactedAll } from '../redact.ts';
import type { AdmissionError } from '../service/result.ts';
import { exitCodeOf } from './exit-code.ts';
import { io } from './io.ts';

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
