import { nextRemoval, openChildren } from './ending.ts';
import { currentStep } from './steps.ts';
import type { StepOf } from './step.ts';
import type { Grant, OnboardingRecord } from './state.ts';

/** What has to be done next that is no mere change of the record. */
export type Todo =
  | { readonly do: 'prepare' }
  | { readonly do: 'look'; readonly step: string; readonly child: string; readonly firstRunId: string }
  | { readonly do: 'withdraw'; readonly step: string; readonly child: string }
  | { readonly do: 'join'; readonly step: StepOf<'join'> }
  | { readonly do: 'send'; readonly step: StepOf<'message'> }
  | { readonly do: 'ask'; readonly step: StepOf<'approval'> }
  | { readonly do: 'remove'; readonly index: number; readonly grant: Grant };

/** One thing at a time; nothing while it waits for people or time. */
export function todoOf(record: OnboardingRecord): Todo | undefined {
  if (record.state === 'preparing') return { do: 'prepare' };
  const children = openChildren(record);
  const toWithdraw = children.find(({ child }) => child.withdraw === 'wanted');
  if (toWithdraw) return { do: 'withdraw', step: toWithdraw.step, child: toWithdraw.child.id };
  const toLook = record.state === 'paused' ? undefined : children.find(({ child }) => child.look);
  if (toLook) return { do: 'look', step: toLook.step, child: toLook.child.id, firstRunId: toLook.child.firstRunId };
  if (record.state === 'ending') return removal(record);
  return record.state === 'running' ? ofStep(record) : undefined;
}

function removal(record: OnboardingRecord): Todo | undefined {
  const index = nextRemoval(record);
  const grant = index === undefined ? undefined : record.grants[index];
  return index === undefined || !grant ? undefined : { do: 'remove', index, grant };
}

function ofStep(record: OnboardingRecord): Todo | undefined {
  const current = currentStep(record);
  if (!current || current.state.retryAt !== undefined) return undefined;
  const { step, state } = current;
  if (step.kind === 'join') return state.child ? undefined : { do: 'join', step };
  if (step.kind === 'message') return { do: 'send', step };
  return step.kind === 'approval' && !state.panel ? { do: 'ask', step } : undefined;
}
