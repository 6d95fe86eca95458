import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { change } from '../../../src/domain/approval/change.ts';
import type { Changed, Panel, PanelEvent } from '../../../src/domain/approval/panel.ts';
import { courses } from './arbitraries.ts';
import { driven, isOpen, stagesOf, started, text } from './model.ts';

// What the properties say of courses is worth as much as the courses have in them. A fixed seed: no run fails by chance.

const approvedIn = (panel: Panel) => stagesOf(panel).filter(({ status }) => status === 'approved');
const hasApproval = (panel: Panel) => stagesOf(panel).some(({ approvedBy }) => approvedBy.length > 0);
const saidTwice = (names: readonly string[]) => new Set(names).size < names.length;
const approversBy = ({ requirements }: Panel) =>
  requirements.map(({ stages }) => stages.flatMap(({ approvedBy }) => approvedBy));

/** What is hard about a panel, by name. */
function casesIn(panel: Panel): string[] {
  const { requirements } = panel;
  const stages = stagesOf(panel);
  const byRequirement = approversBy(panel);
  const cases: Record<string, boolean> = {
    'a second stage is open': requirements.some((one) => one.stages.slice(1).some(({ status }) => status === 'open')),
    'a third stage is open': requirements.some((one) => one.stages[2]?.status === 'open'),
    'the fallback is asked': requirements.some(({ requirement, stages: now }) =>
      now.some(({ approvers }, index) => approvers[0] === requirement.stages[index]?.fallback),
    ),
    'a stage has several lists of approvers': stages.some(({ approvers }) => approvers.length > 1),
    'time approved a stage, and it goes on': isOpen(panel) && stages.some(({ by }) => by === 'time'),
    'a stage that nobody could decide is approved': stages.some(
      ({ by, status }) => by === 'noApprovers' && status === 'approved',
    ),
    'two people approve a stage': stages.some(({ approvedBy }) => approvedBy.length > 1),
    'a denial is not enough': isOpen(panel) && stages.some(({ deniedBy }) => deniedBy.length > 0),
    'somebody approves two stages': byRequirement.some(saidTwice),
    'somebody approves two requirements': saidTwice(byRequirement.flatMap((names) => [...new Set(names)])),
  };
  return Object.keys(cases).filter((name) => cases[name]);
}

/** What is hard about an event, by name. */
function casesOf(event: PanelEvent, before: Panel, { panel, notes }: Changed): string[] {
  const amended = event.kind === 'required' && event.requestDigest !== before.requestDigest;
  const result = panel.result.result === 'denied' ? panel.result.code : panel.result.result;
  const cases: Record<string, boolean> = {
    [`${event.kind} brings ${result}`]: result !== 'open',
    'amended after an approval': amended && hasApproval(before),
    'amended after a stage was approved, and it goes on': amended && isOpen(panel) && approvedIn(before).length > 0,
    'other parties after an approval': event.kind === 'required' && !!event.excluded?.[1] && hasApproval(before),
    'asked again after a pause, and it goes on': event.kind === 'required' && !!event.paused && isOpen(panel),
    'a roster takes an approval back':
      event.kind === 'roster' && isOpen(panel) && text(approversBy(panel)) !== text(approversBy(before)),
    'a standing takes an approval back':
      event.kind === 'standing' && isOpen(panel) && text(approversBy(panel)) !== text(approversBy(before)),
    'an approved stage is open again': isOpen(panel) && approvedIn(panel).length < approvedIn(before).length,
    'a reassignment': event.kind === 'reassign' && text(panel.requirements) !== text(before.requirements),
    'a party reviews': event.kind === 'review' && before.excluded.includes(event.review.reviewer),
    'somebody changes their mind':
      event.kind === 'review' && before.reviews.some(({ reviewer }) => reviewer === event.review.reviewer),
  };
  return [...Object.keys(cases).filter((name) => cases[name]), ...notes.map(({ kind }) => `note ${kind}`)];
}

const HARD = [
  'a second stage is open',
  'a third stage is open',
  'the fallback is asked',
  'a stage has several lists of approvers',
  'time approved a stage, and it goes on',
  'a stage that nobody could decide is approved',
  'two people approve a stage',
  'a denial is not enough',
  'somebody approves two stages',
  'somebody approves two requirements',
  'amended after an approval',
  'amended after a stage was approved, and it goes on',
  'other parties after an approval',
  'asked again after a pause, and it goes on',
  'a roster takes an approval back',
  'a standing takes an approval back',
  'an approved stage is open again',
  'a reassignment',
  'a party reviews',
  'somebody changes their mind',
  'review brings approved',
  'review brings REVIEW_DENIED',
  'time brings DENIED_BY_TIME',
  'roster brings NO_ELIGIBLE_APPROVER',
  'standing brings NO_ELIGIBLE_APPROVER',
  'required brings approved',
  'required brings NO_ELIGIBLE_APPROVER',
  'time brings expired',
  'note remind',
  'note escalate',
  'note extend',
  'note stage',
  'note overdue',
  'ends approved',
  'ends approved by a review',
  'ends expired',
  'ends REVIEW_DENIED',
  'ends DENIED_BY_TIME',
  'ends NO_ELIGIBLE_APPROVER',
];

test('the courses of these tests come to every result, and to all that is hard on the way', () => {
  const seen = new Map<string, number>();
  const see = (names: readonly string[]) => {
    for (const name of new Set(names)) seen.set(name, (seen.get(name) ?? 0) + 1);
  };
  const property = fc.property(courses, (course) => {
    const first = started(course);
    let { panel } = first;
    const names = [...casesIn(panel), ...first.notes.map(({ kind }) => `note ${kind}`)];
    for (const event of course.events) {
      if (!isOpen(panel)) break;
      const changed = change(panel, event);
      names.push(...casesOf(event, panel, changed), ...casesIn(changed.panel));
      ({ panel } = changed);
    }
    const { result } = driven(panel).panel;
    const completed = result.result === 'approved' && result.completedBy !== undefined;
    see([
      ...names,
      `ends ${result.result === 'denied' ? result.code : result.result}`,
      ...(completed ? ['ends approved by a review'] : []),
    ]);
  });
  fc.assert(property, { numRuns: 2_000, seed: 1 });
  const rare = HARD.filter((name) => (seen.get(name) ?? 0) < 10);
  expect({ rare, seen: rare.length > 0 ? Object.fromEntries(seen) : {} }).toEqual({ rare: [], seen: {} });
});
