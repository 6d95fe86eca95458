/**
 * Which approvals count for which requirements, where some say `distinctFrom`: there nobody counts for both.
 *
 * Of all ways to divide the approvers up, the one is taken in which the most stages stay approved that were, then the most
 * are approved, then the fewest approvals are missing; among equals, the requirement that others are distinct from comes
 * first, then the one whose binding comes first by name, and earlier reviews before later ones. The order of the bindings
 * thus makes no difference, and one more approval never takes one away. Denials count wherever their author may review.
 */
import type { BoundRequirement } from '../admission.ts';
import { countingReviews, personOf } from './counting.ts';
import type { Panel, RequirementProgress, Review } from './panel.ts';
import {
  countsFor,
  isAmongAny,
  ROSTER_LIMIT,
  type Approvers,
  type Candidate,
  type Stage,
  type Threshold,
} from '../requirement.ts';

/** What has to be met by people of whom some count elsewhere. */
interface Demand {
  readonly binding: string;
  readonly distinctFrom: readonly string[];
  /** In order; each stage is met by one of its groups of approvers. */
  readonly stages: readonly DemandedStage[];
}

interface DemandedStage {
  readonly anyOf: readonly Threshold[];
  readonly groups: readonly (readonly Approvers[])[];
  /** Time or the lack of approvers approved it. */
  readonly free?: boolean;
  /** Reviews had approved it. */
  readonly kept?: boolean;
}

/** For each binding those who count for it. */
type Division = ReadonlyMap<string, readonly Candidate[]>;

/** More ways than these are not looked at: then the first of those that were is as good as any. */
const MAX_WAYS = 20_000;

/** The reviews that count, for each requirement: without the approvals that count for another one. */
export function reviewsFor(panel: Panel): (binding: string) => readonly Review[] {
  const reviews = countingReviews(panel);
  if (!panel.requirements.some(({ requirement }) => requirement.distinctFrom)) return () => reviews;
  const demands = inOrder(panel.requirements.map(demandOf));
  const approvers = reviews.filter(({ decision }) => decision === 'approve').map(personOf);
  let best: { readonly score: readonly number[]; readonly division: Division } | undefined;
  for (const division of divisions(demands, approvers, MAX_WAYS)) {
    const score = scoreOf(demands, division);
    if (!best || isBetter(score, best.score)) best = { score, division };
  }
  const { division } = best ?? {};
  return (binding) => {
    const counting = new Set(division?.get(binding)?.map(({ arn }) => arn));
    return reviews.filter(({ decision, reviewer }) => decision !== 'approve' || counting.has(reviewer));
  };
}

/**
 * Whether people could meet a demand together with those that come before it and that it shares nobody with. Of more ways
 * than can be looked at, nobody can say no.
 */
function couldMeetTogether(demand: Demand, others: readonly Demand[], people: readonly Candidate[]): boolean {
  const all = inOrder([demand, ...others.filter((one) => one.binding !== demand.binding)]);
  const before = all.slice(
    0,
    all.findIndex(({ binding }) => binding === demand.binding),
  );
  const involved = [demand, ...connectedTo(demand, before)];
  if (involved.length === 1) return true;
  let ways = 0;
  // More people of one kind than are needed in all make no difference.
  const enough = involved.flatMap(({ stages }) => stages.flatMap(({ anyOf }) => anyOf.map(({ approve }) => approve)));
  const most = enough.reduce((sum, approve) => sum + approve, 0);
  for (const division of divisions(involved, people, MAX_WAYS, most)) {
    ways += 1;
    if (involved.every((one) => metStages(one, division) === one.stages.length)) return true;
  }
  return ways >= MAX_WAYS;
}

/** The stages of a requirement as they are; those that have not begun as they would begin. */
function demandOf({ requirement, stages }: RequirementProgress): Demand {
  const { binding, distinctFrom = [] } = requirement;
  const demanded = requirement.stages.map(({ anyOf, approvers }, index): DemandedStage => {
    const now = stages[index];
    const isApproved = now?.status === 'approved';
    const groups = [now?.approvers ?? [approvers]];
    return { anyOf, groups, free: isApproved && now.by !== undefined, kept: isApproved && now.by === undefined };
  });
  return { binding, distinctFrom, stages: demanded };
}

/**
 * Whether people could decide a stage as `approvers`, with all that came before it, beside the other requirements as they
 * stand: whoever comes first there has their people, and those whom they are escalated to.
 */
export function couldDecideTogether(
  panel: Panel,
  { binding, index }: { readonly binding: string; readonly index: number },
  approvers: readonly Approvers[],
  people: readonly Candidate[],
): boolean {
  if (people.length >= ROSTER_LIMIT) return true;
  const demands = panel.requirements.map((one): Demand => {
    const demand = demandOf(one);
    const isThis = demand.binding === binding;
    const open = isThis ? index : demand.stages.findIndex(({ kept, free }) => !kept && !free);
    const stages = open < 0 ? demand.stages : demand.stages.slice(0, open + 1);
    const last = stages.at(-1);
    const later = isThis ? approvers : [...(last?.groups[0] ?? []), ...escalatedIn(one.requirement.stages[open])];
    return { ...demand, stages: last && open >= 0 ? [...stages.slice(0, -1), { ...last, groups: [later] }] : stages };
  });
  const asked = demands.find((one) => one.binding === binding);
  return !asked || couldMeetTogether(asked, demands, people);
}

/** The first requirement that people could meet alone, but not beside the others, before anybody was asked. */
export function deadTogether<R extends BoundRequirement>(
  requirements: readonly R[],
  people: readonly Candidate[],
): R | undefined {
  if (people.length >= ROSTER_LIMIT || !requirements.some(({ distinctFrom }) => distinctFrom)) return undefined;
  const all = requirements.map((one) => demandIn(one, false));
  return requirements.find((one) => !couldMeetTogether(demandIn(one, true), all, people));
}

/** All that is asked for: of others, whom their escalations mean; of this one, also its fallback. */
function demandIn(one: BoundRequirement, ofThis: boolean): Demand {
  return {
    binding: one.binding,
    distinctFrom: one.distinctFrom ?? [],
    stages: one.stages
      .filter(({ outcomeIfNoApprovers }) => !ofThis || outcomeIfNoApprovers === 'deny')
      .map((stage) => {
        const { anyOf, approvers, fallback } = stage;
        const groups = [[approvers, ...escalatedIn(stage)], ...(ofThis && fallback ? [[fallback]] : [])];
        return { anyOf, groups };
      }),
  };
}

function escalatedIn(stage: Stage | undefined): Approvers[] {
  return (stage?.timedActions ?? []).flatMap((action) => (action.do === 'escalate' ? [action.to] : []));
}

/** Who is named by others comes first, then by name. Where they name each other, by name alone. */
function inOrder(demands: readonly Demand[]): Demand[] {
  let left = demands.toSorted((a, b) => (a.binding < b.binding ? -1 : 1));
  const ordered: Demand[] = [];
  while (left.length > 0) {
    const yields = (one: Demand, to: Demand) =>
      one !== to && one.distinctFrom.includes(to.binding) && !to.distinctFrom.includes(one.binding);
    const next = left.find((one) => !left.some((other) => yields(one, other))) ?? left[0];
    if (!next) break;
    ordered.push(next);
    left = left.filter((one) => one !== next);
  }
  return ordered;
}

function excludeEachOther(a: Demand, b: Demand): boolean {
  return a.distinctFrom.includes(b.binding) || b.distinctFrom.includes(a.binding);
}

function connectedTo(demand: Demand, others: readonly Demand[]): Demand[] {
  const found: Demand[] = [];
  for (let more = [demand]; more.length > 0;) {
    const known = [...found];
    more = others.filter((one) => !known.includes(one) && more.some((other) => excludeEachOther(one, other)));
    found.push(...more);
  }
  return found;
}

/** Every way to divide people up, at most so many; who means the same to all is not told apart. */
function* divisions(
  demands: readonly Demand[],
  people: readonly Candidate[],
  most: number,
  perKind = Infinity,
): Generator<Division> {
  const groups = [
    ...Map.groupBy(people, (person) => JSON.stringify(demands.map((one) => placesOf(one, person)))).values(),
  ];
  const open = groups.map((all) => ({ members: all.slice(0, perKind), choices: choicesFor(all[0], demands) }));
  let left = most;
  function* divide(index: number, chosen: ReadonlyMap<string, readonly Candidate[]>): Generator<Division> {
    const group = open[index];
    if (!group) {
      left -= 1;
      yield chosen;
      return;
    }
    for (const parts of splits(group.members, group.choices.length)) {
      if (left <= 0) return;
      const next = new Map(chosen);
      group.choices.forEach((bindings, at) => {
        for (const binding of bindings) next.set(binding, [...(next.get(binding) ?? []), ...(parts[at] ?? [])]);
      });
      yield* divide(index + 1, next);
    }
  }
  yield* divide(0, new Map());
}

/** What somebody could count for, one set of requirements at a time that do not exclude each other, and no more fits. */
function choicesFor(person: Candidate | undefined, demands: readonly Demand[]): string[][] {
  const all = demands.filter((one) => person && placesOf(one, person).length > 0);
  const isContested = (one: Demand) => all.some((other) => excludeEachOther(one, other));
  const [open, free] = [all.filter(isContested), all.filter((one) => !isContested(one))];
  const sets: Demand[][] = [];
  const grow = (set: readonly Demand[], rest: readonly Demand[]): void => {
    const [first, ...others] = rest;
    if (!first) {
      const isFull = open.every((one) => set.includes(one) || set.some((other) => excludeEachOther(one, other)));
      if (isFull) sets.push([...set]);
      return;
    }
    if (!set.some((one) => excludeEachOther(one, first))) grow([...set, first], others);
    grow(set, others);
  };
  grow([], open);
  return sets.map((set) => [...set, ...free].map(({ binding }) => binding));
}

/** Where in a requirement somebody's approval would count. */
function placesOf({ stages }: Demand, person: Candidate): string[] {
  return stages.flatMap(({ anyOf, groups }, stage) =>
    groups.flatMap((who, group) => {
      if (!isAmongAny(who, person)) return [];
      return anyOf.flatMap((threshold, at) => (countsFor(threshold, who, person) ? [`${stage}.${group}.${at}`] : []));
    }),
  );
}

/** The ways to cut a list into so many parts: as much as possible in the first. */
function* splits<T>(list: readonly T[], parts: number): Generator<readonly (readonly T[])[]> {
  if (parts <= 1) {
    yield [list];
    return;
  }
  for (let size = list.length; size >= 0; size -= 1) {
    for (const rest of splits(list.slice(size), parts - 1)) yield [list.slice(0, size), ...rest];
  }
}

/** How many stages are met, from the first on. */
function metStages({ binding, stages }: Demand, division: Division): number {
  const unmet = stages.findIndex((stage) => missingIn(stage, division.get(binding) ?? []) > 0);
  return unmet < 0 ? stages.length : unmet;
}

function missingIn({ anyOf, groups, free = false }: DemandedStage, people: readonly Candidate[]): number {
  if (free) return 0;
  const missing = groups.flatMap((who) =>
    anyOf.map((one) => one.approve - people.filter((person) => countsFor(one, who, person)).length),
  );
  return Math.max(0, Math.min(...missing));
}

/** What is kept, what is met, and what is not missing, over all requirements. */
function scoreOf(demands: readonly Demand[], division: Division): number[] {
  const parts = demands.map((demand) => {
    const met = metStages(demand, division);
    const open = demand.stages[met];
    const kept = demand.stages.slice(0, met).filter((stage) => stage.kept).length;
    return { kept, met, missing: open ? missingIn(open, division.get(demand.binding) ?? []) : 0 };
  });
  const sum = (of: 'kept' | 'met' | 'missing') => parts.reduce((total, part) => total + part[of], 0);
  return [sum('kept'), sum('met'), -sum('missing')];
}

function isBetter(score: readonly number[], than: readonly number[]): boolean {
  const at = score.findIndex((value, index) => value !== than[index]);
  return at >= 0 && (score[at] ?? 0) > (than[at] ?? 0);
}
