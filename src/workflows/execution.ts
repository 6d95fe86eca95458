import { workflowInfo } from '@temporalio/workflow';
import type { Grant } from '../activities/settle.ts';
import { durationMs } from '../domain/duration.ts';
import type { GrantRecord } from '../domain/ownership.ts';
import type { JoinRequest } from '../domain/request.ts';
import { CHIME_ROLES } from '../domain/requirement.ts';
import type { RequestError, RequestView, Term } from '../domain/view.ts';
import { activities, chimeActivities } from './activity-options.ts';
import type { Kept } from './carried.ts';
import { toRequestError } from './failures.ts';
import { claim, grant } from './grant.ts';
import type { Granted } from './grant.ts';
import type { Changes, Record } from './record.ts';

export type Executed =
  | { readonly result: 'closed'; readonly view: RequestView }
  /** The membership is there, and ends by itself. */
  | { readonly result: 'active' }
  /** Nothing was called: the policies have to be asked again. */
  | { readonly result: 'tooOld' }
  | { readonly result: 'alreadyMember'; readonly granted: Changes }
  | { readonly result: 'failed'; readonly error: RequestError };

/** Makes the call. `completedBy`: who decided last, and makes it where nobody else may. `found`: is recorded with it. */
export async function execute(
  record: Record,
  kept: Kept,
  completedBy: string | undefined,
  found: Changes,
): Promise<Executed> {
  const bearer = kept.executor ?? executorAmong(record.view, completedBy) ?? kept.serviceBearer;
  const granting = {
    state: 'granting',
    bearer,
    calledSince: new Date().toISOString(),
    waitsFor: undefined,
    deferredUntil: undefined,
    inputs: [],
  } as const;
  record.update({ ...found, ...granting });
  return settledBy(record, kept, () => grant(record, bearer, kept));
}

/** The member is there, perhaps by an attempt of ours that nobody heard of: then it is our grant, with its term. */
export async function settle(record: Record, kept: Kept, found: Changes): Promise<Executed> {
  record.update({ ...found, state: 'granting', waitsFor: undefined, deferredUntil: undefined, inputs: [] });
  return settledBy(record, kept, async () => (await claim(record, kept)) ?? { outcome: 'tooOld' });
}

async function settledBy(record: Record, kept: Kept, work: () => Promise<Granted>): Promise<Executed> {
  try {
    const done = await work();
    if (done.outcome === 'tooOld') return { result: 'tooOld' };
    const { outcome, ...granted } = done;
    if (outcome === 'alreadyMember') return { result: outcome, granted };
    return await joined(record, kept, granted);
  } catch (error) {
    return { result: 'failed', error: toRequestError(error) };
  }
}

/**
 * What this request granted before somebody reset it in Temporal, if it is still there: that goes on, with its term, whatever is
 * thought of it now. Only a run that is not the first of its request can have been reset.
 */
export async function reclaim(record: Record, changes: Changes): Promise<Executed | undefined> {
  const { runId, firstExecutionRunId } = workflowInfo();
  const { kept, view } = record;
  if (runId === firstExecutionRunId || view.grant || !kept) return undefined;
  const look = activities('Look for what this request had granted before it was reset', kept.settings.retry);
  const earlier = await look.findEarlierGrant().catch(() => null);
  if (!earlier) return undefined;
  const { term, ...granted } = earlier;
  record.update({ ...changes, reason: undefined, waitsFor: undefined, deferredUntil: undefined, inputs: [] });
  return joined(record, kept, granted, term);
}

async function joined(record: Record, kept: Kept, granted: Omit<Grant, 'outcome'>, before?: Term): Promise<Executed> {
  const { request } = record.view;
  const termMs = before ? Date.parse(before.endsAt) - Date.parse(before.startedAt) : termOf(request.term, kept);
  // Who may have to remove it needs to tell it from a later one.
  const isNeeded = termMs !== undefined || workflowInfo().parent !== undefined;
  const { ageMs = 0, ...exact } = isNeeded ? await looked(request, granted.grant, kept) : {};
  const made = { ...granted, ...exact };
  if (termMs === undefined) return { result: 'closed', view: record.close('joined', made) };
  // This run knows nothing of who agreed to it then: only people make it longer now.
  const term: Term = before ? { ...before, decided: true } : startTerm(termMs, ageMs, kept);
  record.update({ ...made, state: 'active', term, dueAt: undefined });
  return { result: 'active' };
}

interface Looked extends Pick<RequestView, 'seenAt' | 'grant'> {
  /** How long the member is there already. */
  readonly ageMs?: number;
}

/** Who will have to remove it, or to count its term, needs its very moment. */
async function looked(request: JoinRequest, made: GrantRecord | undefined, kept: Kept): Promise<Looked> {
  if (!made) return {};
  const { type, invitedBy = '' } = made;
  // Our clock may be wrong: right after the call, what its bearer made is ours.
  const sought = { type, invitedBy, since: LONG_AGO };
  const chime = chimeActivities('Read what tells the membership from a later one', kept.serviceBearer, kept.settings);
  const found = await chime.lookAtMembership({ request, grant: sought }).catch(() => undefined);
  if (found?.is !== 'there') return {};
  const { at: seenAt, createdAt, ageMs } = found;
  return { seenAt, ageMs, grant: { type, invitedBy, createdAt } };
}

const LONG_AGO = new Date(0).toISOString();

function termOf(asked: string | undefined, { term }: Kept): number | undefined {
  const times = [...(asked === undefined ? [] : [durationMs(asked)]), ...(term ? [term.limitMs] : [])];
  return times.length === 0 ? undefined : Math.min(...times);
}

const DAY = 86_400_000;
const REMIND_MS = [7 * DAY, DAY];

/** The clock starts when the member is there, also where a reset in Temporal makes us come here once more. */
function startTerm(ms: number, ageMs: number, { term }: Kept): Term {
  const startedAt = Date.now() - ageMs;
  const limit = term ? { limitMs: term.limitMs } : {};
  return { startedAt: new Date(startedAt).toISOString(), ...limit, ...endingAt(startedAt + ms, term?.remindMs) };
}

/** When a term ends, and when that is announced: only what lies ahead. */
export function endingAt(endsAt: number, remindMs: readonly number[] = REMIND_MS): Pick<Term, 'endsAt' | 'remindAt'> {
  const times = remindMs.map((ms) => endsAt - ms).filter((at) => at > Date.now());
  return {
    endsAt: new Date(endsAt).toISOString(),
    remindAt: times.toSorted((a, b) => a - b).map((at) => new Date(at).toISOString()),
  };
}

/** Who decided last makes the call where they hold an office, so that InvitedBy is true. */
function executorAmong({ panel, override }: RequestView, completedBy: string | undefined): string | undefined {
  if (completedBy === undefined || override?.by === completedBy) return completedBy;
  const review = panel?.reviews.findLast(({ reviewer }) => reviewer === completedBy);
  return CHIME_ROLES.some((role) => review?.roles.includes(role)) ? completedBy : undefined;
}
