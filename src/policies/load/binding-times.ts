import { durationMs } from '../../domain/duration.ts';
import type { PolicyBinding } from '../binding.ts';
import type { Policy } from '../policy.ts';
import type { Problem } from './load-issue.ts';
import type { BindingEntry } from './set-schema.ts';

const LONGEST = {
  pure: { ms: 1_500, accepted: 'at most 1500ms: all pure policies share a local activity of 2s' },
  external: { ms: 300_000, accepted: 'at most 5m' },
};

/** What is wrong with the times of a binding; paths begin at the binding. */
export function timeProblems({ timeout, retry }: BindingEntry, { kind }: Pick<Policy, 'kind'>): Problem[] {
  const { initialInterval, maximumInterval, scheduleToClose } = retry ?? {};
  const problems: Problem[] = [];
  const refuse = (path: string[], value: string, accepted: string) =>
    problems.push({ path, message: `is ${value}`, accepted });
  if (timeout && durationMs(timeout) > LONGEST[kind].ms) refuse(['timeout'], timeout, LONGEST[kind].accepted);
  if (kind === 'pure' && retry !== undefined) {
    const accepted = 'no retry: it is for external policies';
    problems.push({ path: ['retry'], atKey: true, message: 'a pure policy is not asked again', accepted });
  }
  if (initialInterval && maximumInterval && durationMs(initialInterval) > durationMs(maximumInterval)) {
    refuse(['retry', 'maximumInterval'], maximumInterval, `at least initialInterval, ${initialInterval}`);
  }
  if (timeout && scheduleToClose && durationMs(timeout) > durationMs(scheduleToClose)) {
    refuse(['retry', 'scheduleToClose'], scheduleToClose, `at least timeout, ${timeout}`);
  }
  return problems;
}

/** The times of a binding, in ms: the usual ones give way to those that are written. */
export function timesOf(
  { timeout, retry = {} }: BindingEntry,
  usual: Pick<PolicyBinding, 'timeoutMs' | 'retry'>,
): Pick<PolicyBinding, 'timeoutMs' | 'retry'> {
  const [longest, within] = [ms(retry.maximumInterval), ms(retry.scheduleToClose)];
  const timeoutMs = ms(timeout) ?? Math.min(usual.timeoutMs, within ?? Infinity);
  const initialMs = ms(retry.initialInterval) ?? Math.min(usual.retry.initialMs, longest ?? Infinity);
  return {
    timeoutMs,
    retry: {
      initialMs,
      maximumMs: longest ?? Math.max(usual.retry.maximumMs, initialMs),
      maximumAttempts: retry.maximumAttempts ?? usual.retry.maximumAttempts,
      forMs: within ?? Math.max(usual.retry.forMs, timeoutMs),
    },
  };
}

function ms(text: string | undefined): number | undefined {
  return text === undefined ? undefined : durationMs(text);
}
