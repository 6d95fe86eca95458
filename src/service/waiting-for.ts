import type { Client } from '@temporalio/client';
import { reviewersNow } from '../domain/approval.ts';
import type { Panel } from '../domain/approval.ts';
import { parseArn } from '../domain/arn.ts';
import { activePanel } from '../domain/view.ts';
import type { RequestView } from '../domain/view.ts';
import type { RequestSummary } from './list-requests.ts';
import { readView } from './read-view.ts';
import { bad, good } from './result.ts';
import type { AdmissionError, Result } from './result.ts';

/** How many requests are read at once. */
const AT_ONCE = 10;

/** Of the listed requests, those that wait for a person, in their order; each has to be read for that. */
export async function thoseWaitingFor(
  person: string,
  listed: AsyncIterable<RequestSummary>,
  limit: number,
  reader: { client: Client; taskQueue: string },
): Promise<Result<RequestSummary[]>> {
  const found: RequestSummary[] = [];
  for await (const batch of batches(listed, person)) {
    const views = await Promise.all(batch.map(({ id }) => readView(id, reader)));
    for (const [index, view] of views.entries()) {
      const summary = batch[index];
      // Better no list than one that lacks what could not be read.
      if (!view.ok) return bad(unread(view.error));
      if (summary && waitsFor(view.value, person)) found.push(summary);
    }
    if (found.length >= limit) break;
  }
  return good(found.slice(0, limit));
}

/** Requests of the person's app instance that wait for somebody. */
async function* batches(listed: AsyncIterable<RequestSummary>, person: string): AsyncGenerator<RequestSummary[]> {
  const home = `${parseArn(person)?.appInstanceArn}/`;
  let batch: RequestSummary[] = [];
  for await (const one of listed) {
    const asked = one.waitsFor === 'people' || one.waitsFor === 'input';
    if (!asked || !one.channelArn?.startsWith(home)) continue;
    batch.push(one);
    if (batch.length < AT_ONCE) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
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
