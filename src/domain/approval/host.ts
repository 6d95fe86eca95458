/**
 * An approval as a state machine hosts it: a join, an extension, a step of an onboarding. `offer` takes an event into
 * account, unless something has to be read first: then `pending` says so, `readingOf` is the effect, and `resume` goes on with
 * what it came to.
 *
 * - The roster is read again before time does anything but let the request expire. Where it cannot be read, time goes on with
 *   the people that are known.
 * - The roles of everybody on whose reviews a result rests are confirmed before it counts. Where they cannot be read, a caller
 *   hears `Unavailable` and nothing changes; where no caller waits, they are read patiently.
 * - A command goes before the time that is due with it: approvers could still give it.
 */
import type { CommandId, EffectBase } from '../engine.ts';
import { unavailable, type Refusal } from '../refusal.ts';
import type { Approvers, Candidate } from '../requirement.ts';
import type { Deed, RequestError } from '../view.ts';
import { change, openPanel, type Opening } from './change.ts';
import { countingReviews, withStanding } from './counting.ts';
import type { Changed, Panel, PanelEvent, PanelNote, Resolution } from './panel.ts';
import { nextDueAt } from './time.ts';
import { approversOf, decidedBy } from './views.ts';

/** A plain value: it travels with continue-as-new. */
export interface Approval {
  readonly panel: Panel;
  readonly pending?: PendingResolution;
}

/** Events that count once something is read. Until then the panel is as it was. */
export interface PendingResolution {
  /** `roster`: everybody who could review now. `roles`: what the people in `of` hold now. */
  readonly need: 'roster' | 'roles';
  readonly of: readonly string[];
  readonly approvers: readonly Approvers[];
  readonly lane: EffectBase['lane'];
  /** In their order; the first is the one that something is read for. */
  readonly entries: readonly [Entry, ...Entry[]];
  /** Roles that were read for the first entry, and how often. */
  readonly known: readonly Candidate[];
  readonly round: number;
}

export interface Entry {
  readonly event: PanelEvent;
  readonly caller?: Caller;
  /** Of a time: who could review was asked for. */
  readonly isRosterRead?: true;
}

/** Somebody who waits for the answer to a review or a reassignment. */
export interface Caller {
  readonly replyTo: CommandId;
  readonly by: Deed;
  /** Of a reassignment. */
  readonly reason?: string;
}

/** An entry whose caller is to be answered. */
export type Called = Entry & { readonly caller: Caller };

export type Moved = {
  readonly approval: Approval;
  readonly notes: readonly PanelNote[];
  /** These count now: answer their callers. */
  readonly taken: readonly Called[];
  /** These never will: answer their callers with the refusal. */
  readonly refused: readonly { readonly caller: Caller; readonly refusal: Refusal }[];
} & (
  | { readonly kind: 'open' }
  /** Something has to be read first: see `readingOf`. */
  | { readonly kind: 'reading' }
  | { readonly kind: 'resolved'; readonly resolution: Resolved }
  /** What has to be read could not be, for good, and no caller waits. The panel is as it was. */
  | { readonly kind: 'failed'; readonly error: RequestError }
);

export type Resolved = Exclude<Resolution, { readonly result: 'open' }>;

/** What has to be read. The host adds the request that it is read for. Both come to a list of `Candidate`. */
export type ApprovalEffect = EffectBase & {
  readonly stop: 'drop';
  readonly approvers: readonly Approvers[];
} & ({ readonly do: 'readRoster' } | { readonly do: 'confirmRoles'; readonly of: readonly string[] });

/** What an effect came to: the engine's events `result` and `failed` fit. */
export type Read =
  | { readonly kind: 'result'; readonly value: readonly Candidate[] }
  | { readonly kind: 'failed'; readonly error: RequestError; readonly retryable: boolean };

/** After so many readings of those who decide, everybody who reviewed is read: then no others can turn up. */
const ROUNDS = 2;

/** People begin to be asked. */
export function openApproval(opening: Opening): Moved {
  const { panel, notes } = openPanel(opening);
  return moved({ panel, notes, taken: [], refused: [] });
}

/**
 * Policies ask people anew: what these said before counts against what is asked now. What was approved is open again; what was
 * denied or expired has ended before.
 */
export function askAnew(panel: Panel, asked: Omit<PanelEvent & { kind: 'required' }, 'kind'>): Moved {
  return offer({ panel: { ...panel, result: { result: 'open' } } }, { kind: 'required', ...asked });
}

/** Takes an event into account. One that comes while something is read goes before what waits for that. */
export function offer({ panel, pending }: Approval, event: PanelEvent, caller?: Caller): Moved {
  const entry: Entry = { event, ...(caller ? { caller } : {}) };
  return takeAll(panel, [entry, ...(pending?.entries ?? [])]);
}

/** Goes on with what was read. Without anything pending nothing changes. */
export function resume({ panel, pending }: Approval, read: Read): Moved {
  if (!pending) return moved({ panel, notes: [], taken: [], refused: [] });
  if (read.kind === 'failed') return withoutReading(panel, pending, read);
  const [first, ...rest] = pending.entries;
  if (pending.need === 'roles') {
    const known = [...withoutThose(pending.known, read.value), ...read.value];
    return takeAll(panel, pending.entries, { known, round: pending.round });
  }
  // What is due is done first at the time of an event, and this has to come before it.
  const at = Math.min(first.event.at, nextDueAt(panel) ?? first.event.at) - 1;
  const roster: Entry = { event: { kind: 'roster', at, people: read.value } };
  return takeAll(panel, [roster, { ...first, isRosterRead: true }, ...rest]);
}

/** What has to be read now. The same reading has the same key. */
export function readingOf({ pending }: Approval): ApprovalEffect | undefined {
  if (!pending) return undefined;
  const { need, of, approvers, lane, round } = pending;
  const { kind, at } = pending.entries[0].event;
  const common = { key: `${need}:${kind}:${at}:${round}:${lane}`, lane, stop: 'drop', approvers } as const;
  return need === 'roster' ? { do: 'readRoster', ...common } : { do: 'confirmRoles', of, ...common };
}

/** When time alone changes something next, in ms; not while something is read, for that comes first. */
export function nextDue({ panel, pending }: Approval): number | undefined {
  return pending ? undefined : nextDueAt(panel);
}

/** Gives up what waits for a reading: nothing of it counts, and `callers` are to be answered. */
export function dropPending({ panel, pending }: Approval): {
  readonly approval: Approval;
  readonly callers: readonly Caller[];
} {
  return { approval: { panel }, callers: (pending?.entries ?? []).flatMap(({ caller }) => caller ?? []) };
}

interface Progressed {
  readonly panel: Panel;
  readonly notes: readonly PanelNote[];
  readonly taken: readonly Called[];
  readonly refused: Moved['refused'];
}

type Roles = Pick<PendingResolution, 'known' | 'round'>;

const NOT_READ: Roles = { known: [], round: 0 };

/** Takes entries in order, up to one that something has to be read for. `read`: the roles that were read for the first. */
function takeAll(panel: Panel, entries: readonly Entry[], read: Roles = NOT_READ): Moved {
  let done: Progressed = { panel, notes: [], taken: [], refused: [] };
  let roles = read;
  for (let [first, ...rest] = entries; first; [first, ...rest] = rest) {
    const reading = (need: Pick<PendingResolution, 'need' | 'of' | 'approvers' | 'lane'>, round: number): Moved => {
      const pending: PendingResolution = { ...need, entries: [first, ...rest], known: roles.known, round };
      return { kind: 'reading', ...parts(done), approval: { panel: done.panel, pending } };
    };
    if (needsRoster(done.panel, first)) {
      return reading({ need: 'roster', of: [], approvers: approversOf(done.panel), lane: 'quick' }, roles.round);
    }
    const { caller } = first;
    const tried = tryOut(done.panel, beforeTime(done.panel, first.event), roles.known);
    const of = toConfirm(tried.panel, first, roles);
    if (of.length > 0) {
      const approvers = approversOf(tried.panel);
      return reading({ need: 'roles', of, approvers, lane: caller ? 'quick' : 'patient' }, roles.round + 1);
    }
    const taken = caller ? [...done.taken, { ...first, caller }] : done.taken;
    done = { panel: tried.panel, notes: [...done.notes, ...tried.notes], taken, refused: done.refused };
    roles = NOT_READ;
    if (tried.panel.result.result !== 'open') return moved({ ...done, refused: tooLate(rest) });
  }
  return moved(done);
}

function moved(done: Progressed): Moved {
  const { result } = done.panel;
  const common = { ...parts(done), approval: { panel: done.panel } };
  return result.result === 'open' ? { kind: 'open', ...common } : { kind: 'resolved', resolution: result, ...common };
}

function parts({ notes, taken, refused }: Progressed): Omit<Progressed, 'panel'> {
  return { notes, taken, refused };
}

/** The request's own expiry needs no roster: who could have reviewed it does not matter any more. */
function needsRoster(panel: Panel, { event, isRosterRead }: Entry): boolean {
  if (event.kind !== 'time' || isRosterRead) return false;
  const dueAt = nextDueAt(panel);
  return dueAt !== undefined && dueAt <= event.at && dueAt < Date.parse(panel.dueAt);
}

/** What somebody commands comes before the time that is due with it. */
function beforeTime<E extends PanelEvent>(panel: Panel, event: E): E {
  const dueAt = nextDueAt(panel);
  if (dueAt === undefined || (event.kind !== 'review' && event.kind !== 'reassign')) return event;
  return { ...event, at: Math.min(event.at, dueAt - 1) };
}

/** What comes of an event, with the roles that were read of those who decide. */
function tryOut(panel: Panel, event: PanelEvent, known: readonly Candidate[]): Changed {
  if (known.length === 0) return change(panel, event);
  // What asks anew brings people with it: to tell of their roles first could resolve what was asked before.
  if ('people' in event) {
    const people = [...withoutThose(event.people, known), ...known];
    // The panel must not bring back what they were.
    return change(event.kind === 'required' ? withStanding(panel, known) : panel, { ...event, people });
  }
  const confirmed = change(panel, { kind: 'standing', at: event.at, people: known });
  const again = change(confirmed.panel, event);
  return { panel: again.panel, notes: [...confirmed.notes, ...again.notes] };
}

function withoutThose(people: readonly Candidate[], others: readonly Candidate[]): readonly Candidate[] {
  const arns = new Set(others.map(({ arn }) => arn));
  return people.filter(({ arn }) => !arns.has(arn));
}

/** Whose roles have to be read before the result counts. Those of an author were read with the command. */
function toConfirm(tried: Panel, { event }: Entry, { known, round }: Roles): readonly string[] {
  const author = event.kind === 'review' ? event.review.reviewer : undefined;
  const others = (people: readonly string[]) => people.filter((arn) => arn !== author);
  const read = new Set(known.map(({ arn }) => arn));
  const deciders = others(decidedBy(tried));
  if (deciders.every((arn) => read.has(arn))) return [];
  return round < ROUNDS ? deciders : others(countingReviews(tried).map(({ reviewer }) => reviewer));
}

function withoutReading(
  panel: Panel,
  pending: PendingResolution,
  { error, retryable }: Read & { kind: 'failed' },
): Moved {
  const [first, ...rest] = pending.entries;
  if (pending.lane === 'quick' && retryable) {
    const approval: Approval = { panel, pending: { ...pending, lane: 'firm' } };
    return { kind: 'reading', approval, notes: [], taken: [], refused: [] };
  }
  if (pending.need === 'roster') return takeAll(panel, [{ ...first, isRosterRead: true }, ...rest]);
  const refusal = unavailable(error);
  if (first.caller) {
    const left = takeAll(panel, rest);
    return { ...left, refused: [{ caller: first.caller, refusal }, ...left.refused] };
  }
  const refused = rest.flatMap(({ caller }) => (caller ? [{ caller, refusal }] : []));
  return { kind: 'failed', error, approval: { panel }, notes: [], taken: [], refused };
}

function tooLate(entries: readonly Entry[]): Moved['refused'] {
  return entries.flatMap(({ caller }) => (caller ? [{ caller, refusal: TOO_LATE }] : []));
}

const TOO_LATE: Refusal = {
  code: 'AlreadyResolved',
  message: 'Another review resolved this first, and that is final.',
};
