import { workflowInfo } from '@temporalio/workflow';
import type { Grant } from '../activities/settle.ts';
import { durationMs } from '../domain/duration.ts';
import { CHIME_ROLES } from '../domain/requirement.ts';
import type { RequestError, RequestView, Term } from '../domain/view.ts';
import { chimeActivities } from './activity-options.ts';
import type { Kept } from './carried.ts';
import { toRequestError } from './failures.ts';
import { grant } from './grant.ts';
import type { Changes, Record } from './record.ts';

export type Executed =
  | { readonly result: 'closed'; readonly view: RequestView }
  /** The membership is there, and ends by itself. */
  | { readonly result: 'active' }
  | { readonly result: 'failed'; readonly error: RequestError };

/** Makes the call. `completedBy`: who decided last, and makes it where nobody else may. `found`: is recorded with it. */
export async function execute(
  record: Record,
  kept: Kept,
  completedBy: string | undefined,
  found: Changes,
): Promise<Executed> {
  const { request } = record.view;
  const bearer = kept.executor ?? executorAmong(record.view, completedBy) ?? kept.serviceBearer;
  const granting = { state: 'granting', bearer, waitsFor: undefined, deferredUntil: undefined, inputs: [] } as const;
  record.update({ ...found, ...granting });
  try {
    const { outcome, ...granted } = await grant(request, bearer, kept.settings);
    if (outcome === 'alreadyMember') return { result: 'closed', view: record.close(outcome, granted) };
    return await joined(record, kept, granted);
  } catch (error) {
    return { result: 'failed', error: toRequestError(error) };
  }
}

async function joined(record: Record, kept: Kept, granted: Omit<Grant, 'outcome'>): Promise<Executed> {
  const { request } = record.view;
  const termMs = termOf(request.term, kept);
  // Who may have to remove it needs to tell it from a later one.
  const ours = termMs !== undefined || workflowInfo().parent ? await recordGrant(record, kept, granted) : {};
  if (termMs === undefined) return { result: 'closed', view: record.close('joined', { ...granted, ...ours }) };
  const term = startTerm(termMs, kept);
  record.update({ ...granted, ...ours, state: 'active', term, dueAt: undefined });
  return { result: 'active' };
}

async function recordGrant({ view: { request } }: Record, kept: Kept, granted: Omit<Grant, 'outcome'>) {
  const look = chimeActivities('Read what tells the membership from a later one', kept.serviceBearer, kept.settings);
  const found = await look.describeChannelMembership(request).catch(() => null);
  const invitedBy = found?.invitedBy ?? granted.invitedBy;
  return {
    grant: {
      type: request.type,
      ...(invitedBy === undefined ? {} : { invitedBy }),
      ...(found?.createdAt === undefined ? {} : { createdAt: found.createdAt }),
    },
  };
}

function termOf(asked: string | undefined, { term }: Kept): number | undefined {
  const times = [...(asked === undefined ? [] : [durationMs(asked)]), ...(term ? [term.limitMs] : [])];
  return times.length === 0 ? undefined : Math.min(...times);
}

const DAY = 86_400_000;
const REMIND_MS = [7 * DAY, DAY];

/** The clock starts when the member is there. */
function startTerm(ms: number, { term }: Kept): Term {
  const startedAt = Date.now();
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
