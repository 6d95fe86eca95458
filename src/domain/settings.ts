/** What the worker's configuration says about a request. It is recorded with each admission, since workflow code must not read the environment. */
export interface Settings {
  /** How long a request waits for people, in ms. */
  readonly expireAfterMs: number;
  /** How old facts may be when the call is made, in ms, where no verdict says less. */
  readonly validForMs: number;
  /** The queue of the activities that write to Chime. */
  readonly chimeTaskQueue: string;
  readonly retry: RetrySettings;
  /** Whether anybody is told of anything. */
  readonly notify: boolean;
  /** After so many commands a request continues as a new run, so that its history stays small. */
  readonly commandsPerRun: number;
  /** Made of `ADMISSION_ID_KEY`: see `fairnessKey`. */
  readonly fairnessSalt?: string;
}

/** All in ms. */
export interface RetrySettings {
  readonly initialMs: number;
  readonly maximumMs: number;
  readonly attemptTimeoutMs: number;
  /** From the first attempt to the last. */
  readonly forMs: number;
}

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

/** What counts where nothing else is configured, and before the configuration is known. */
export const DEFAULT_RETRY: RetrySettings = {
  initialMs: SECOND,
  maximumMs: 60 * SECOND,
  attemptTimeoutMs: 15 * SECOND,
  forMs: 24 * HOUR,
};
