import type { Outcome, State } from '../domain/outcome.ts';
import type { AdmissionError } from '../service/result.ts';

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
export function exitCodeOf(error: AdmissionError): number {
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
