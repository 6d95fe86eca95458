import type { AdmissionError } from '../service/result.ts';
import { exitCodeOf } from './exit-code.ts';

/** Prints what a command found: JSON for programs, lines for people. */
export function print(json: boolean | undefined, value: unknown, lines: () => readonly string[]): void {
  process.stdout.write(json ? `${JSON.stringify(value)}\n` : `${plain(lines().join('\n'))}\n`);
}

/** Requesters and reviewers write what they like: none of it may steer the terminal of who reads it. */
function plain(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '\ufffd');
}

/** Prints an error and sets the exit code: as JSON on stdout, or as text on stderr. */
export function printError(json: boolean | undefined, error: AdmissionError): void {
  process.exitCode = exitCodeOf(error);
  if (json) {
    process.stdout.write(`${JSON.stringify({ error })}\n`);
    return;
  }
  const { code, message, field, accepted } = error;
  const lines = [
    `error: ${message}`,
    ...(field ? [`  field     ${field}`] : []),
    ...(accepted ? [`  accepted  ${accepted}`] : []),
    `  code      ${code}`,
  ];
  process.stderr.write(`${plain(lines.join('\n'))}\n`);
}

/** Progress and remarks: for people, never mixed into what programs read. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Rows with columns that stand below each other. */
export function columns(rows: readonly (readonly string[])[], indent = ''): string[] {
  const widths = (rows[0] ?? []).map((_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)));
  return rows.map((row) => (indent + row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ')).trimEnd());
}
