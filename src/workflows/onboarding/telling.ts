import { reviewersNow } from '../../domain/approval/views.ts';
import type { NotificationKind } from '../../domain/notification.ts';
import { channelsOf } from '../../domain/onboarding/flow.ts';
import type { Told } from '../../domain/onboarding/advance.ts';
import { stateOf, stepOf } from '../../domain/onboarding/steps.ts';
import { tell } from '../outbox.ts';
import type { Run } from './run.ts';
import { isDiscreet } from './show.ts';

/** Lets people hear of what happened by itself, where anybody is to be told. */
export async function tellAll(told: readonly Told[], run: Run): Promise<void> {
  for (const { kind, step } of told) {
    const found = kindOf({ kind, step }, run);
    if (found) await tellOf(found, run, step);
  }
}

function kindOf({ kind, step }: Told, { record }: Run): NotificationKind | undefined {
  switch (kind) {
    case 'input':
      return 'onboardingInput';
    case 'remind':
      return REMINDERS[stepOf(record, step)?.kind ?? ''];
    case 'review':
    case 'escalated':
      return 'onboardingReview';
    case 'overdue':
      return undefined;
  }
}

/** Reviewers of the request that a join makes are reminded by its own policies: here who waits for it hears. */
const REMINDERS: { readonly [kind: string]: NotificationKind } = {
  input: 'onboardingInput',
  approval: 'onboardingReview',
  join: 'onboardingWaits',
};

/** Lets people hear that it is held, once; `known`: when the incident began that they have heard of. Gives that of now. */
export async function tellIncident(known: string | undefined, run: Run): Promise<string | undefined> {
  const { incident } = run.record;
  if (incident && incident.at !== known) await tellOf('onboardingIncident', run, incident.step);
  return incident?.at;
}

/** One event, about a step or the whole. */
export async function tellOf(kind: NotificationKind, run: Run, step?: string): Promise<void> {
  const { record, kept } = run;
  if (!kept?.settings.notify) return;
  const { id: workflowId, runId, member, requestedBy, flow, outcome } = record;
  const incident = kind === 'onboardingIncident' ? record.incident : undefined;
  const state = step === undefined ? undefined : stateOf(record, step);
  const declared = step === undefined ? undefined : stepOf(record, step);
  const channelArn = declared && 'channelArn' in declared ? declared.channelArn : (channelsOf(flow)[0] ?? '');
  const title = declared ? (declared.title ?? declared.id) : (outcome ?? record.state);
  const dueAt = incident?.dueAt ?? state?.dueAt ?? state?.panel?.dueAt;
  const error = incident ? `: ${incident.error.type}: ${incident.error.message}` : '';
  await tell({
    id: run.nextEvent(),
    kind,
    at: new Date().toISOString(),
    workflowId,
    runId,
    request: { channelArn, memberArn: member.arn, requestedBy, type: isDiscreet(record) ? 'HIDDEN' : 'DEFAULT' },
    requester: requestedBy,
    member: member.arn,
    approvers: state?.panel ? reviewersNow(state.panel) : [],
    reviewers: [...new Set((state?.panel?.reviews ?? []).map(({ reviewer }) => reviewer))],
    ...(dueAt === undefined ? {} : { dueAt }),
    message: `${flow.title ?? flow.name}: ${title}${error}`,
  });
}
