import { makeContinueAsNewFunc, workflowInfo } from '@temporalio/workflow';
import type { Prepared } from '../../activities/onboarding.ts';
import type { Proof } from '../../domain/actor.ts';
import type { Onboarding } from '../../domain/onboarding/input.ts';
import type { OnboardingRecord, OnboardingView } from '../../domain/onboarding/state.ts';
import { newRecord, viewOf } from '../../domain/onboarding/view.ts';
import { createDoor } from '../door.ts';
import type { Door } from '../door.ts';
import { createInbox } from './inbox.ts';
import type { Inbox } from './inbox.ts';
import { createNews } from './news.ts';
import type { News } from './news.ts';
import { show } from './show.ts';
import { createUsedAssertions } from '../used-assertions.ts';

/** What the next run needs. Only a run that continues another one takes it. */
export interface Carried {
  readonly record: OnboardingRecord;
  readonly kept: Kept;
  readonly usedAssertions: readonly NonNullable<Proof['assertion']>[];
  /** How many events people were told of. */
  readonly told: number;
}

/** What was found out before the first step. */
export type Kept = Pick<Prepared, 'settings' | 'serviceBearer' | 'requestIds' | 'listedAs'>;

/** One onboarding at work: what is known of it, and what comes in about it. */
export interface Run {
  readonly onboarding: Onboarding;
  readonly inbox: Inbox;
  readonly door: Door;
  readonly news: News;
  readonly record: OnboardingRecord;
  readonly view: OnboardingView;
  readonly kept: Kept | undefined;
  /** Changes the record and shows it: search attributes, memo and details. */
  set(record: OnboardingRecord): void;
  keep(kept: Kept): void;
  /** Marks an assertion as used; whether it had been used before. */
  isUsed(assertion: Proof['assertion']): boolean;
  /** The id of the next event that people are told of. */
  nextEvent(): string;
  /** Goes on as a new run, with everything. */
  continueAsNew(input: unknown): Promise<never>;
}

export function createRun(onboarding: Onboarding, carried: Carried | undefined): Run {
  const { workflowId: id, runId, startTime, firstExecutionRunId } = workflowInfo();
  let record = carried
    ? continued(carried.record, runId)
    : newRecord(onboarding, { id, runId, at: startTime.toISOString() });
  let kept = carried?.kept;
  const used = createUsedAssertions(carried?.usedAssertions);
  let told = carried?.told ?? 0;
  return {
    onboarding,
    inbox: createInbox(),
    door: createDoor(),
    news: createNews(),
    get record() {
      return record;
    },
    get view() {
      const view = { ...viewOf(record), ...(kept ? { requestIds: kept.requestIds } : {}) };
      return record.state === 'preparing' ? { ...view, subject: onboarding.subject } : view;
    },
    get kept() {
      return kept;
    },
    set(next) {
      if (next === record) return;
      const before = record;
      record = next;
      show(viewOf(record), viewOf(before), kept?.listedAs);
    },
    keep(found) {
      kept = found;
    },
    isUsed: (assertion) => used.use(assertion),
    nextEvent() {
      told += 1;
      return `${id}/${firstExecutionRunId}/${told}`;
    },
    async continueAsNew(input) {
      const { memo, typedSearchAttributes } = workflowInfo();
      type OnboardMember = (input: unknown, carried: Carried) => Promise<OnboardingView>;
      // Continuing loses whatever is not passed on.
      const goOn = makeContinueAsNewFunc<OnboardMember>({ memo: memo ?? {}, typedSearchAttributes });
      if (!kept) throw new Error('an onboarding that is not prepared cannot go on');
      return goOn(input, { record, kept, usedAssertions: used.carried(), told });
    },
  };
}

/** Nobody told this run how the requests of earlier ones end: each is looked at once. */
function continued(record: OnboardingRecord, runId: string): OnboardingRecord {
  const steps = record.steps.map((step) =>
    step.child?.state === 'open' ? { ...step, child: { ...step.child, look: true as const } } : step,
  );
  return { ...record, runId, steps };
}
