import { defineSearchAttributeKey } from '@temporalio/common';
import { setCurrentDetails, upsertMemo, upsertSearchAttributes } from '@temporalio/workflow';
import { parseArn } from '../../domain/arn.ts';
import type { OnboardingView } from '../../domain/onboarding/state.ts';
import type { ListedAs } from '../../domain/search-attributes.ts';
import { onboardingDetails } from './details.ts';

/**
 * Shows an onboarding in Temporal; what can be searched is written only when it changed, since each time is an event.
 * `listedAs` is not known before it is prepared: until then nobody is named.
 */
export function show(view: OnboardingView, before: OnboardingView | undefined, listedAs: ListedAs | undefined): void {
  const next = shown(view);
  if (!before || JSON.stringify(next) !== JSON.stringify(shown(before))) {
    upsertSearchAttributes([
      { key: STATE, value: view.state },
      { key: OUTCOME, value: view.outcome },
      { key: MEMBER, value: listedAs?.member ?? null },
      { key: PARTIES, value: listedAs ? [...listedAs.parties] : null },
      { key: DUE_AT, value: next.dueAt === null ? null : new Date(next.dueAt) },
    ]);
    // Details need a worker to answer; the memo can be read without one.
    upsertMemo({ onboarding: next });
  }
  setCurrentDetails(onboardingDetails(view));
}

function shown({ state, outcome, percent, next, flow, steps, member }: OnboardingView) {
  const step = steps.find(({ status }) => status === 'now')?.id ?? null;
  const appInstance = parseArn(member.arn)?.appInstanceArn ?? null;
  return { state, outcome, percent, step, flow: flow.name, appInstance, dueAt: next?.at ?? null };
}

/** Who becomes a HIDDEN member somewhere is not to be found by name; while it is prepared, nobody knows that yet. */
export function isDiscreet({ flow }: Pick<OnboardingView, 'flow'>): boolean {
  return flow.steps.length === 0 || flow.steps.some((step) => step.kind === 'join' && step.type === 'HIDDEN');
}

const STATE = defineSearchAttributeKey('AdmissionState', 'KEYWORD');
const OUTCOME = defineSearchAttributeKey('AdmissionOutcome', 'KEYWORD');
const MEMBER = defineSearchAttributeKey('AdmissionMember', 'KEYWORD');
const PARTIES = defineSearchAttributeKey('AdmissionParties', 'KEYWORD_LIST');
const DUE_AT = defineSearchAttributeKey('AdmissionDueAt', 'DATETIME');
