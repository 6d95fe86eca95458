import { ApplicationFailure } from '@temporalio/common';
import { isCancellation, proxyActivities, setCurrentDetails, setDefaultSignalHandler } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { shortName } from '../domain/arn.ts';
import { boundsIssue, cut, EVENT_BOUNDS } from '../domain/bounds.ts';
import type { Delivery, NotificationReport, NotificationSubject, Routing } from '../domain/notification.ts';
import { summaryText } from '../domain/text.ts';
import { code } from '../domain/markdown.ts';
import { rootCause } from './engine/activities.ts';
import { clearBrought, startedByHand, wrongStart } from './engine/continue.ts';

/** One attempt; channels give up a little earlier by themselves. */
const ATTEMPT = '30s';

const { routeNotification } = proxyActivities<Activities>({
  startToCloseTimeout: '10s',
  scheduleToCloseTimeout: '24h',
  retry: { initialInterval: '1s', maximumInterval: '1m' },
  summary: 'Who is to be told',
});

/** What became of a delivery; none while it is tried. `because`: why it was given up. */
interface Row {
  readonly delivery: Delivery;
  outcome?: 'told' | { readonly because: string };
}

/**
 * Tells people of one event: each by themselves, tried again and again without the others. It completes when everybody
 * was told or given up, and never fails because of a message.
 */
export async function notifyPeople(input: unknown): Promise<NotificationReport> {
  setDefaultSignalHandler(() => undefined);
  const wrong = startedByHand() ?? wrongStart(undefined) ?? tooBig(input);
  clearBrought({ refused: wrong !== undefined });
  if (wrong) throw wrong;
  const { about, deliveries, retry } = await routed(input);
  const rows: Row[] = deliveries.map((delivery) => ({ delivery }));
  const show = () => setCurrentDetails(table(about, rows));
  show();
  await Promise.all(
    rows.map(async (row) => {
      row.outcome = await deliver(about, row.delivery, retry);
      show();
    }),
  );
  return {
    event: about.id,
    told: rows.flatMap(({ delivery, outcome }) => (outcome === 'told' ? [delivery] : [])),
    failed: rows.flatMap(({ delivery, outcome }) => (typeof outcome === 'object' ? [{ ...delivery, ...outcome }] : [])),
  };
}

/** The event is read there, too: what is wrong with it fails this workflow. */
async function routed(input: unknown): ReturnType<typeof routeNotification> {
  try {
    return await routeNotification(input);
  } catch (error) {
    const cause = rootCause(error);
    throw cause instanceof ApplicationFailure && cause.type === 'InvalidEvent' ? cause : error;
  }
}

async function deliver(
  about: NotificationSubject,
  delivery: Delivery,
  { initialMs, maximumMs, forMs }: Routing['retry'],
): Promise<NonNullable<Row['outcome']>> {
  const { deliverNotification } = proxyActivities<Activities>({
    startToCloseTimeout: ATTEMPT,
    scheduleToCloseTimeout: forMs,
    retry: { initialInterval: initialMs, maximumInterval: maximumMs, backoffCoefficient: 2 },
    summary: summaryText(`Tell one of the ${delivery.as} by ${delivery.channel}`),
  });
  try {
    await deliverNotification(about, delivery);
    return 'told';
  } catch (error) {
    if (isCancellation(error)) throw error;
    const cause = rootCause(error);
    return { because: cut(cause instanceof Error ? cause.message : String(cause), 500) };
  }
}

function tooBig(input: unknown): ApplicationFailure | undefined {
  const issue = boundsIssue(input, 'event', EVENT_BOUNDS);
  return issue && ApplicationFailure.nonRetryable(issue.message, 'InvalidEvent');
}

function table({ kind, workflowId }: NotificationSubject, rows: readonly Row[]): string {
  const told = rows.filter(({ outcome }) => outcome === 'told').length;
  const lines = rows.map(({ delivery: { to, as, channel }, outcome = 'under way' }) => {
    const state = typeof outcome === 'object' ? `given up: ${inTable(outcome.because)}` : outcome;
    return `| ${inTable(shortName(to))} | ${as} | ${inTable(channel)} | ${state} |`;
  });
  return [
    `### ${kind}: ${told} of ${rows.length} told`,
    `About ${code(workflowId)}`,
    ...(rows.length === 0 ? [] : [['| who | as | by | |', '| --- | --- | --- | --- |', ...lines].join('\n')]),
  ].join('\n\n');
}

/** Text of others in a table: a bar would end the cell, also in a code span. */
function inTable(text: string): string {
  return code(text.replaceAll('|', ' '));
}
