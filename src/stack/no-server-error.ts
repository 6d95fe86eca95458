export interface FailedSource {
  source: string;
  reason: string;
}

/** There is no Temporal server to be had. `failed` says what was tried, in order, and why each did not work. */
export class NoServerError extends Error {
  readonly failed: readonly FailedSource[];

  constructor(failed: readonly FailedSource[]) {
    super(
      [
        'No Temporal server could be found, downloaded or built. Tried:',
        ...failed.map(({ source, reason }) => `  ${source}: ${reason}`),
        'Any one of these helps:',
        '  set TEMPORAL_ADDRESS to a running server, such as 127.0.0.1:7233;',
        '  install the Temporal CLI 1.5 or newer, so that `temporal` is on PATH;',
        '  install Go, so that the server can be built here once.',
      ].join('\n'),
    );
    this.name = 'NoServerError';
    this.failed = failed;
  }
}
