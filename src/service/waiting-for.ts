import type { Client } from '@temporalio/client';
import { reviewersNow } from '../domain/approval.ts';
import type { Panel } from '../domain/approval.ts';
import { parseArn } from '../domain/arn.ts';
import { activePanel } from '../domain/view.ts';
import type { OnboardingView } from '../domain/onboarding/state.ts';
import type { RequestView } from '../domain/view.ts';
import { readView } from './read-view.ts';
import type { RequestSummary } from './request-summary.ts';
import { bad, good } from './result.ts';
import type { AdmissionError, Result } from './result.ts';

/** How many requests are read at once. */
const AT_ONCE = 10;

/** What is listed and waits for a person, in its order; each has to be read for that. */
export async function thoseWaiting<S extends { readonly id: string }, V>(
  listed: AsyncIterable<S>,
  limit: number,
  { read, waits }: { readonly read: (id: string) => Promise<Result<V>>; readonly waits: (view: V) => boolean },
): Promise<Result<S[]>> {
  const found: S[] = [];
  for await (const batch of batches(listed)) {
    const views = await Promise.all(batch.map(({ id }) => read(id)));
    for (const [index, view] of views.entries()) {
      const summary = batch[index];
      // Better no list than one that lacks what could not be read.
      if (!view.ok) return bad(unread(view.error));
      if (summary && waits(view.value)) found.push(summary);
    }
    if (found.length >= limit) break;
  }
  return good(found.slice(0, limit));
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
  reader: { client: Client; taskQueue: string },
): Promise<Result<RequestSummary[]>> {
  return thoseWaiting(asking(listed, homeOf(person)), limit, {
    read: (id) => readView(id, reader),
    waits: (view) => waitsFor(view, person),
  });
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
export function waitsFor(view: RequestView, person: string): boolean {
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

function unread(error: AdmissionError): AdmissionError {
  return { ...error, message: `What waits for this person cannot be told: ${error.message}` };
}
