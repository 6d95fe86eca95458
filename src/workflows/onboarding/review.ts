import { approversOf, decidedBy } from '../../domain/approval/views.ts';
import { change } from '../../domain/approval/change.ts';
import type { Panel, PanelEvent } from '../../domain/approval/panel.ts';
import { withPanel } from '../../domain/onboarding/advance.ts';
import type { Told } from '../../domain/onboarding/advance.ts';
import type { UncheckedCommand } from '../../domain/onboarding/commands.ts';
import { stateOf, stepOf } from '../../domain/onboarding/steps.ts';
import { refusedUnread, reviewEvent, reviewRefusal, sameId } from '../../domain/approval/review.ts';
import { isRefusal } from '../../domain/refusal.ts';
import type { Refusal } from '../../domain/refusal.ts';
import type { Run } from './run.ts';
import { tellAll } from './telling.ts';
import { confirm, peopleOf, verify } from './verification.ts';

/** Takes a review of an approval step, if its author may give it. */
export async function review(given: UncheckedCommand & { name: 'review' }, run: Run): Promise<Refusal | undefined> {
  const { step: id } = given.command;
  const step = stepOf(run.record, id);
  const panel = stateOf(run.record, id)?.panel;
  if (step?.kind !== 'approval' || !panel) return NOBODY_ASKED;
  const { channelArn } = step;
  const outdated = refusedUnread(panel, given.command);
  if (outdated) return outdated;
  const approvers = approversOf(panel);
  const known = sameId(panel, given.command);
  const standing = { request: peopleOf(run, channelArn), approvers };
  const checked = await verify(given, run, { standing, mayRepeat: known !== undefined });
  if (isRefusal(checked)) return checked;
  const refusal = reviewRefusal(panel, checked.command, checked);
  // Given before: it counts once, and giving it again is harmless.
  if (refusal) return refusal === 'repeated' ? undefined : refusal;
  const event = reviewEvent(panel, checked.command, checked, Date.now());
  const changed = await resolving(panel, event, (others) => confirm(others, approvers, channelArn, run));
  if (isRefusal(changed)) return changed;
  const told: Told[] = [];
  run.set(withPanel(run.record, id, changed, Date.now(), told));
  await tellAll(told, run);
  return undefined;
}

/** Who reviewed days ago must still be an approver when the step is resolved; if that cannot be read, nothing changes. */
async function resolving(
  panel: Panel,
  event: PanelEvent & { kind: 'review' },
  standingOf: (principals: readonly string[]) => ReturnType<typeof confirm>,
) {
  const changed = change(panel, event);
  const others = decidedBy(changed.panel).filter((principal) => principal !== event.review.reviewer);
  if (others.length === 0) return changed;
  const people = await standingOf(others);
  if (isRefusal(people)) return people;
  const confirmed = change(panel, { kind: 'standing', at: event.at, people });
  const again = change(confirmed.panel, event);
  return { panel: again.panel, notes: [...confirmed.notes, ...again.notes] };
}

const NOBODY_ASKED: Refusal = { code: 'NotPending', message: 'Nobody is asked to review that step now.' };
