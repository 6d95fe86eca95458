import { setTimeout } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { reviewersNow } from '../domain/approval/views.ts';
import type { Panel } from '../domain/approval/panel.ts';
import { parseArn } from '../domain/arn.ts';
import { activePanel, type RequestView } from '../domain/view.ts';
import type { OnboardingView } from '../domain/onboarding/view.ts';
import { livePollers } from './pollers.ts';
import { readView } from './read-view.ts';
import type { RequestSummary } from './listed.ts';
import { bad, good, type AdmissionError, type Result } from './result.ts';

/** How many are read at once, how long one may take, and how long all, in ms: one that hangs must not hide the others. */
const AT_ONCE = 10;
const READ_WITHIN_MS = 3_000;
const ALL_WITHIN_MS = 15_000;

export interface Reader {
  readonly client: Client;
  readonly taskQueue: string;
}

/** What is listed and waits for a person, in its order; each has to be read for that. What cannot be read is named. */
export async function thoseWaiting<S extends { readonly id: string }, V>(
  listed: AsyncIterable<S>,
  limit: number,
  { read, waits }: { readonly read: (id: string) => Promise<Result<V>>; readonly waits: (view: V) => boolean },
  reader: Reader,
): Promise<Result<S[]>> {
  const [found, unread]: [S[], string[]] = [[], []];
  let couldRead = false;
  const giveUpAt = Date.now() + ALL_WITHIN_MS;
  for await (const batch of batches(listed)) {
    const late = Date.now() > giveUpAt;
    const views = await Promise.all(batch.map(async ({ id }) => (late ? undefined : inTime(read(id)))));
    for (const [index, summary] of batch.entries()) {
      const view = views[index];
      if (!view?.ok) {
        unread.push(summary.id);
        continue;
      }
      couldRead = true;
      if (waits(view.value)) found.push(summary);
    }
    if (found.length >= limit) break;
  }
  // Where nobody could be asked at all, an empty list would say that nothing waits.
  if (!couldRead && unread.length > 0 && !(await hasWorker(reader))) return bad(noWorkerFor(reader));
  return good(found.slice(0, limit), unread);
}

async function inTime<T>(read: Promise<Result<T>>): Promise<Result<T> | undefined> {
  // Whatever it still becomes, nobody waits for it.
  const answer = read.catch(() => undefined);
  return Promise.race([answer, setTimeout(READ_WITHIN_MS, undefined, { ref: false })]);
}

async function hasWorker({ client, taskQueue: queue }: Reader): Promise<boolean> {
  const { namespace } = client.options;
  return (await livePollers(client.workflowService, { namespace, queue, of: 'workflows' })) > 0;
}

function noWorkerFor({ taskQueue }: Reader): AdmissionError {
  return {
    code: 'NoWorker',
    message: `What waits for this person cannot be told: no worker answers on the task queue ${taskQueue}.`,
    accepted: 'a running `admit worker` on that queue',
  };
}

async function* batches<S>(listed: AsyncIterable<S>): AsyncGenerator<S[]> {
  let batch: S[] = [];
  for await (const one of listed) {
    batch.push(one);
    if (batch.length < AT_ONCE) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Of the listed requests, those that wait for a person. */
export async function requestsWaitingFor(
  person: string,
  listed: AsyncIterable<RequestSummary>,
  limit: number,
  reader: Reader,
): Promise<Result<RequestSummary[]>> {
  const how = { read: (id: string) => readView(id, reader), waits: (view: RequestView) => waitsFor(view, person) };
  return thoseWaiting(asking(listed, homeOf(person)), limit, how, reader);
}

/** Requests of one app instance that wait for somebody. */
async function* asking(listed: AsyncIterable<RequestSummary>, home: string): AsyncGenerator<RequestSummary> {
  for await (const one of listed) {
    const asked = one.waitsFor === 'people' || one.waitsFor === 'input';
    if (asked && one.channelArn?.startsWith(home)) yield one;
  }
}

function homeOf(person: string): string {
  return `${parseArn(person)?.appInstanceArn}/`;
}

/** Whether the step that an onboarding is at waits for a person. */
export function stepWaitsFor({ state, steps, flow, member }: OnboardingView, person: string): boolean {
  const current = state === 'running' ? steps.find(({ status }) => status === 'now') : undefined;
  const kind = flow.steps.find(({ id }) => id === current?.id)?.kind;
  if (kind === 'input') return member.arn === person;
  const panel = current?.panel;
  return panel !== undefined && reviewersNow(panel).includes(person) && !hasAnswered(panel, person);
}

/** Whether a person can do something now that an open request waits for. */
function waitsFor(view: RequestView, person: string): boolean {
  const { state, waitsFor: what, request } = view;
  if (state !== 'pending' && state !== 'active') return false;
  if (what === 'input') return [request.requestedBy, request.memberArn].includes(person);
  const panel = activePanel(view);
  return panel !== undefined && reviewersNow(panel).includes(person) && !hasAnswered(panel, person);
}

/** Who abstained, or wants changes that were not made yet, has nothing to do now; who commented has. */
function hasAnswered({ reviews, requestDigest }: Panel, person: string): boolean {
  const last = reviews.findLast((one) => one.reviewer === person && one.decision !== 'comment');
  return last !== undefined && last.requestDigest === requestDigest;
}
