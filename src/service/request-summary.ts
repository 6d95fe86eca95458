import type { State } from '../domain/outcome.ts';

/** A line of a list: what can be read of a request without a worker. */
export interface RequestSummary {
  readonly id: string;
  readonly runId: string;
  readonly state: State;
  /** What a request waits for, while it waits. */
  readonly waitsFor: 'input' | 'time' | 'people' | null;
  readonly outcome: string | null;
  readonly code: string | null;
  readonly channelArn: string | null;
  /** `null` for HIDDEN requests, and where ADMISSION_ID_KEY keeps lists from naming members. */
  readonly memberArn: string | null;
  readonly type: string | null;
  readonly requestedAt: string;
  readonly dueAt: string | null;
}
