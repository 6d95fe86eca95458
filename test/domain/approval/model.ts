import * as fc from 'fast-check';
import type { BoundRequirement } from '../../../src/domain/admission.ts';
import { change } from '../../../src/domain/approval/change.ts';
import { nextDueAt } from '../../../src/domain/approval/time.ts';
import type { Changed, Panel, Review, StageProgress } from '../../../src/domain/approval/panel.ts';
import { isAmong } from '../../../src/domain/requirement.ts';
import type { Approvers, Candidate, Stage } from '../../../src/domain/requirement.ts';
import { courses } from './arbitraries.ts';
import type { Course } from './arbitraries.ts';
import { DAY, opened, START, time } from './kit.ts';
import { inLane } from '../../support/lane.ts';

/** What the reducer is compared with: the same questions, answered in the plainest way. */
export type Verdict = 'denied' | 'approved' | 'open';

export const isOpen = ({ result }: Panel) => result.result === 'open';
export const stagesOf = ({ requirements }: Panel) => requirements.flatMap(({ stages }) => stages);

export function started({ asked, among, days }: Course): Changed {
  return opened(asked, { people: among, dueAt: START + days * DAY });
}

/** Every panel on the way, the first one too. */
export function panelsOf(course: Course): Panel[] {
  const panels = [started(course).panel];
  for (const event of course.events) panels.push(change(panels.at(-1)!, event).panel);
  return panels;
}

/** Lets time alone go on, from one time at which something happens to the next. */
export function driven(panel: Panel): { panel: Panel; steps: number } {
  let [current, steps] = [panel, 0];
  for (let at = nextDueAt(current); at !== undefined && steps < 1_000; at = nextDueAt(current)) {
    current = change(current, time(at)).panel;
    steps += 1;
  }
  return { panel: current, steps };
}

export function candidate({ reviewer, roles, matched }: Review): Candidate {
  return { arn: reviewer, roles, matched };
}

/** What somebody says about the request as it is. */
export function latestOf({ reviews, requestDigest }: Panel, who: string): Review | undefined {
  const latest = reviews.findLast((one) => one.reviewer === who && one.decision !== 'comment');
  return latest?.requestDigest === requestDigest ? latest : undefined;
}

/** What the reviews of a panel make of a stage. */
export function verdictOf({ anyOf }: Stage, approvers: readonly Approvers[], panel: Panel): Verdict {
  const names = new Set(panel.reviews.map(({ reviewer }) => reviewer).filter((one) => !panel.excluded.includes(one)));
  const count = (decision: string, own: Approvers | undefined) => {
    let number = 0;
    for (const name of names) {
      const latest = latestOf(panel, name);
      if (latest?.decision !== decision) continue;
      if (!approvers.some((who) => isAmong(who, candidate(latest)))) continue;
      if (own === undefined || isAmong(own, candidate(latest))) number += 1;
    }
    return number;
  };
  if (anyOf.some((one) => count('deny', one.approvers) >= one.deny)) return 'denied';
  return anyOf.some((one) => count('approve', one.approvers) >= one.approve) ? 'approved' : 'open';
}

/** What reviews alone make of requirements. */
export function verdictOnAll(asked: readonly (readonly Stage[])[], panel: Panel): Verdict {
  const verdicts = asked.map((stages) => {
    const all = stages.map((stage) => verdictOf(stage, [stage.approvers], panel));
    return all.find((verdict) => verdict !== 'approved') ?? 'approved';
  });
  if (verdicts.includes('denied')) return 'denied';
  return verdicts.every((verdict) => verdict === 'approved') ? 'approved' : 'open';
}

/** Whether enough people are known who could approve a stage. */
export function enough({ anyOf }: Stage, approvers: readonly Approvers[], panel: Panel): boolean {
  const reviewers = panel.reviews.filter((one) => latestOf(panel, one.reviewer) === one).map(candidate);
  const byArn = new Map([...reviewers, ...panel.people].map((one) => [one.arn, one]));
  const could = [...byArn.values()].filter((one) => !panel.excluded.includes(one.arn));
  const asked = could.filter((one) => approvers.some((who) => isAmong(who, one)));
  return anyOf.some(({ approve, approvers: own }) => {
    return asked.filter((one) => own === undefined || isAmong(own, one)).length >= approve;
  });
}

export const text = (value: unknown) => JSON.stringify(value);
export const restored = (panel: Panel) => JSON.parse(text(panel)) as Panel;
/** But for the time of the latest event. */
export const timeless = (panel: Panel) => text({ ...panel, at: '' });

const RUNS = inLane({ short: 200, long: 2_000 });

export function expectAlways(predicate: (course: Course) => void): void {
  fc.assert(fc.property(courses, predicate), { numRuns: RUNS });
}

/** What is found wrong with any panel of any course, as a report; nothing if all are right. */
export function wrongIn(find: (panel: Panel) => readonly unknown[]): string | undefined {
  const property = fc.property(courses, (course) => {
    const wrong = panelsOf(course).flatMap(find);
    if (wrong.length > 0) throw new Error(text(wrong));
  });
  const details = fc.check(property, { numRuns: RUNS });
  return details.failed ? fc.defaultReportMessage(details) : undefined;
}

export function eachStage<T>(
  { requirements }: Panel,
  look: (stage: Stage, progress: StageProgress) => readonly T[],
): T[] {
  return requirements.flatMap(({ requirement, stages }) => {
    return stages.flatMap((progress, index) => look(requirement.stages[index]!, progress));
  });
}

/** Whether two requirements may share nobody. */
function exclude(a: BoundRequirement, b: BoundRequirement): boolean {
  return a.distinctFrom?.includes(b.binding) === true || b.distinctFrom?.includes(a.binding) === true;
}

/** Who counts for two requirements that exclude each other. */
export function distinctIn({ requirements }: Panel): string[] {
  const counted = requirements.map(({ requirement, stages }) => {
    return { requirement, who: new Set(stages.flatMap(({ by, approvedBy }) => (by === undefined ? approvedBy : []))) };
  });
  return counted.flatMap((a) =>
    counted
      .filter((b) => a !== b && exclude(a.requirement, b.requirement))
      .flatMap((b) => [...a.who].filter((one) => b.who.has(one))),
  );
}

/** Whether these people could be divided up so that every requirement is met: every way is tried. */
export function canDivide(all: readonly BoundRequirement[], people: readonly Candidate[]): boolean {
  const sets = Array.from({ length: 2 ** all.length }, (_, bits) => all.filter((_one, at) => (bits & (1 << at)) !== 0));
  const free = sets.filter((set) => set.every((a) => set.every((b) => a === b || !exclude(a, b))));
  const divide = (left: readonly Candidate[], counted: ReadonlyMap<string, readonly Candidate[]>): boolean => {
    const [one, ...others] = left;
    if (!one)
      return all.every(({ binding, stages }) => stages.every((stage) => meets(stage, counted.get(binding) ?? [])));
    return free.some((set) => {
      const next = new Map(counted);
      for (const { binding } of set) next.set(binding, [...(next.get(binding) ?? []), one]);
      return divide(others, next);
    });
  };
  return divide(people, new Map());
}

function meets({ anyOf, approvers }: Stage, people: readonly Candidate[]): boolean {
  return anyOf.some(({ approve }) => people.filter((one) => isAmong(approvers, one)).length >= approve);
}
