import type { RequestError } from '../view.ts';
import { durationMs } from '../duration.ts';
import { changed, currentStep, isoOf, stateOf, stepOf, withStep } from './steps.ts';
import type { Child, Ending, OnboardingOutcome, OnboardingRecord, StepState } from './state.ts';

/** How long an incident waits for an operator, in ms. */
const INCIDENT_MS = 30 * 86_400_000;

/** A step has ended well. */
export function finish(
  record: OnboardingRecord,
  id: string,
  at: number,
  more: Partial<StepState> = {},
): OnboardingRecord {
  return withStep(record, id, { ...more, status: 'done', endedAt: isoOf(at), retryAt: undefined, error: undefined });
}

/**
 * The step that is being taken failed: it is tried again, or what its `onFailure` says happens. While the onboarding is
 * paused nothing follows from it: it is tried again when it is resumed. Once it ends, nothing does.
 */
export function failStep(record: OnboardingRecord, id: string, error: RequestError, at: number): OnboardingRecord {
  const state = stateOf(record, id);
  const step = stepOf(record, id);
  if (state?.status !== 'now' || !step || record.state !== 'running') return record;
  const retry = 'retry' in step ? step.retry : undefined;
  const inTime = state.dueAt === undefined || at < Date.parse(state.dueAt);
  if (retry && inTime && state.tries < retry.times) {
    const retryAt = isoOf(at + durationMs(retry.after));
    return withStep(record, id, { error, retryAt, tries: state.tries + 1, child: undefined, panel: undefined });
  }
  const failed = withStep(withoutChild(record, id), id, {
    error,
    retryAt: undefined,
    status: 'failed',
    endedAt: isoOf(at),
  });
  switch (step.onFailure) {
    case 'skip':
      return failed;
    case 'hold': {
      const held = withStep(withoutChild(record, id), id, { error, retryAt: undefined });
      return {
        ...held,
        state: 'incident',
        incident: { step: id, during: 'step', error, at: isoOf(at), dueAt: isoOf(at + INCIDENT_MS) },
      };
    }
    case 'fail':
      return end({ ...failed, error }, { outcome: 'failed', compensate: false, reason: reasonOf(id, error) });
    case 'compensate-and-stop':
      return end({ ...failed, error }, { outcome: 'stopped', compensate: true, reason: reasonOf(id, error) });
  }
}

function reasonOf(id: string, { type, message }: RequestError): string {
  return `The step ${id} failed: ${type}: ${message}`;
}

/** The onboarding is over: joins that are open are taken back, and then, if it is to be, what was granted is removed. */
export function end(record: OnboardingRecord, ending: Ending): OnboardingRecord {
  const current = currentStep(record);
  const stopped = current ? withoutChild(record, current.state.id) : record;
  return changed(stopped, { state: 'ending', ending, pausedAt: undefined, incident: undefined });
}

/** Nobody waits any more for the request that a step made: it is to be taken back. */
export function withoutChild(record: OnboardingRecord, id: string): OnboardingRecord {
  const child = stateOf(record, id)?.child;
  if (child?.state !== 'open' || child.withdraw !== undefined) return record;
  return withStep(record, id, { child: { ...child, withdraw: 'wanted' } });
}

export function close(record: OnboardingRecord, outcome: OnboardingOutcome, at: number): OnboardingRecord {
  return changed(record, { state: 'closed', outcome, closedAt: isoOf(at), incident: undefined });
}

/**
 * Something failed that nobody took care of: the onboarding ends, as where a step fails. Where the ending itself failed, it
 * is held as long as a membership is left that has to go, and else closed.
 */
export function failOnboarding(record: OnboardingRecord, error: RequestError, at: number): OnboardingRecord {
  if (record.state === 'closed') return record;
  const reason = `${error.type}: ${error.message}`;
  if (!record.ending) return end({ ...record, error }, { outcome: 'failed', compensate: false, reason });
  const index = record.state === 'ending' ? nextRemoval(record) : undefined;
  const grant = index === undefined ? undefined : record.grants[index];
  return grant ? holdRemoval(record, grant.step, error, at) : close({ ...record, error }, 'failed', at);
}

/** What a step granted has to go, and could not be removed: an operator has to act. */
export function holdRemoval(record: OnboardingRecord, step: string, error: RequestError, at: number): OnboardingRecord {
  const incident = { step, during: 'removal', error, at: isoOf(at), dueAt: isoOf(at + INCIDENT_MS) } as const;
  return { ...record, state: 'incident', incident };
}

/** Requests of this onboarding of which it is not known yet how they end. */
export function openChildren({
  steps,
}: Pick<OnboardingRecord, 'steps'>): { readonly step: string; readonly child: Child }[] {
  return steps.flatMap(({ id, child }) => (child?.state === 'open' ? [{ step: id, child }] : []));
}

/** The grant that is to be removed next: of those that are left, the last that was made. */
export function nextRemoval({ ending, grants, steps }: OnboardingRecord): number | undefined {
  if (!ending?.compensate || openChildren({ steps }).length > 0) return undefined;
  const index = grants.findLastIndex(({ settled }) => settled === undefined);
  return index < 0 ? undefined : index;
}
