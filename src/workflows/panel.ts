import { approversOf, decidedBy } from '../domain/approval/views.ts';
import { change } from '../domain/approval/change.ts';
import { nextDueAt } from '../domain/approval/time.ts';
import { withStanding } from '../domain/approval/counting.ts';
import type { Changed, Panel, PanelEvent } from '../domain/approval/panel.ts';
import { isRefusal } from '../domain/commands.ts';
import type { Refusal } from '../domain/commands.ts';
import type { Approvers, Candidate } from '../domain/requirement.ts';
import type { End } from './end.ts';
import { unlessWithdrawn } from './evaluation.ts';
import type { Run } from './run.ts';
import { tellPanelNotes } from './telling.ts';
import { confirm, confirmPatiently, roster } from './verification.ts';

/**
 * Takes into account what somebody waits for an answer to. Who reviewed days ago must still be an approver at the moment
 * when the request is resolved; if that cannot be read now, nothing is changed.
 */
export async function take(
  panel: Panel,
  event: PanelEvent & { kind: 'review' | 'reassign' },
  run: Run,
): Promise<Panel | Refusal> {
  const reviewer = event.kind === 'review' ? event.review.reviewer : undefined;
  const done = await resolving<Refusal>(panel, event, async (earlier, approvers) => {
    const others = earlier.filter((principal) => principal !== reviewer);
    const people = others.length === 0 ? [] : await confirm(others, approvers, run.record);
    return isRefusal(people) ? { stopped: people } : { people };
  });
  return 'stopped' in done ? done.stopped : show(done.changed, run);
}

/** Takes anything else into account. Nobody waits for the answer: what has to be read is read patiently. */
export async function advance(panel: Panel, event: PanelEvent, run: Run): Promise<Panel | 'withdrawn'> {
  const done = await resolving<'withdrawn'>(panel, event, async (earlier, approvers) => {
    const people = await unlessWithdrawn(run, () => confirmPatiently(earlier, approvers, run.record));
    return people === 'withdrawn' ? { stopped: people } : { people };
  });
  return 'stopped' in done ? done.stopped : show(done.changed, run);
}

/**
 * Does what is due by now, with those who could review now: others may have come to hold an office since, or lost it.
 * Where that cannot be read, it is done with those of before.
 */
export async function takeTime(panel: Panel, at: number, run: Run): Promise<Panel | 'withdrawn'> {
  const dueAt = nextDueAt(panel) ?? at;
  // When a request expires, it does not matter any more who could have reviewed it.
  const people = dueAt < Date.parse(panel.dueAt) ? await roster(approversOf(panel), run.record) : undefined;
  if (!people || isRefusal(people)) return advance(panel, { kind: 'time', at }, run);
  // What is due is done first at the time of an event, and this has to come before it.
  const known = await advance(panel, { kind: 'roster', at: Math.min(at, dueAt) - 1, people }, run);
  if (known === 'withdrawn' || known.result.result !== 'open') return known;
  return advance(known, { kind: 'time', at }, run);
}

/**
 * Policies ask people anew: what these said before is counted against what is asked now. What was approved is open again;
 * what was denied or expired has ended already.
 */
export async function askAnew(
  panel: Panel,
  asked: Omit<PanelEvent & { kind: 'required' }, 'kind' | 'at'>,
  run: Run,
): Promise<Panel | 'withdrawn'> {
  return advance({ ...panel, result: { result: 'open' } }, { kind: 'required', at: Date.now(), ...asked }, run);
}

/** `stopped`: what keeps the standing of earlier reviewers from being known. */
async function resolving<Stopped>(
  panel: Panel,
  event: PanelEvent,
  standingOf: (
    principals: readonly string[],
    approvers: readonly Approvers[],
  ) => Promise<{ people: readonly Candidate[] } | { stopped: Stopped }>,
): Promise<{ changed: Changed } | { stopped: Stopped }> {
  const changed = change(panel, event);
  const earlier = decidedBy(changed.panel);
  if (earlier.length === 0) return { changed };
  const found = await standingOf(earlier, approversOf(changed.panel));
  if ('stopped' in found) return found;
  const { people } = found;
  if (people.length === 0) return { changed };
  // What asks anew brings people with it: to tell of their standing first could resolve what was asked before.
  if ('people' in event) {
    // The panel must not bring back what they were.
    const known = event.kind === 'required' ? withStanding(panel, people) : panel;
    return { changed: change(known, withFresh(event, people)) };
  }
  const confirmed = change(panel, { kind: 'standing', at: event.at, people });
  const again = change(confirmed.panel, event);
  return { changed: { panel: again.panel, notes: [...confirmed.notes, ...again.notes] } };
}

/** Policies that ask anew bring people of their own: who was read just now is known better. */
function withFresh<E extends PanelEvent & { people: readonly Candidate[] }>(event: E, fresh: readonly Candidate[]): E {
  const known = new Set(fresh.map(({ arn }) => arn));
  return { ...event, people: [...event.people.filter(({ arn }) => !known.has(arn)), ...fresh] };
}

async function show({ panel, notes }: Changed, run: Run): Promise<Panel> {
  const { state, extension } = run.record.view;
  const extending = state === 'active' && extension;
  run.record.update(extending ? { extension: { ...extension, panel } } : { panel, dueAt: panel.dueAt });
  await tellPanelNotes(notes, run);
  return panel;
}

/** What people came to, if they did. */
export function endOf({ result, dueAt }: Panel): End | undefined {
  switch (result.result) {
    case 'open':
      return undefined;
    case 'approved':
      return result;
    case 'denied':
      return result;
    case 'expired':
      return {
        result: 'expired',
        message: result.binding
          ? `Nobody decided in time what ${result.binding} asks for.`
          : `Nobody decided before ${dueAt}.`,
      };
  }
}
