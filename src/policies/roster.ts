import { isUser, shortName } from '../domain/arn.ts';
import type { Eligible } from '../domain/facts.ts';
import { peopleOf } from '../domain/conclusion.ts';
import { parties } from '../domain/request.ts';
import type { JoinRequest } from '../domain/request.ts';
import { CHIME_ROLES, isAmong, ROSTER_LIMIT } from '../domain/requirement.ts';
import type { Approvers, Candidate } from '../domain/requirement.ts';
import { cachedCel } from './cel/cached.ts';
import type { CompiledCel } from './cel/compile.ts';

/** What people are measured by. */
export interface Measure {
  readonly request: JoinRequest;
  readonly approvers: readonly Approvers[];
  /** Who holds which of the roles that Chime does not know. */
  readonly holders: Holders;
}

/** ARNs of users, by role. */
export type Holders = Readonly<Record<string, readonly string[]>>;

/** The roles that Chime does not know: names of facts that policies provide. */
export function ownRolesIn(approvers: readonly Approvers[]): string[] {
  const roles = new Set(approvers.flatMap((one) => one.roles ?? []));
  return [...roles].filter((role) => !(CHIME_ROLES as readonly string[]).includes(role));
}

/** An expression about `reviewer` (`arn`, `id`, `roles`) and `request`. */
export function reviewerExpression(source: string): CompiledCel {
  return cachedCel(source, { facts: [], reviewer: true });
}

/** Someone with the offices that they hold, as the approvers see them: with roles of our own, and what is true for them. */
export function candidateOf(person: Pick<Candidate, 'arn' | 'roles'>, { request, approvers, holders }: Measure) {
  const { arn } = person;
  const own = ownRolesIn(approvers).filter((role) => holders[role]?.includes(arn));
  const roles = [...new Set([...person.roles, ...own])];
  const scope = { request, facts: {}, reviewer: { arn, id: shortName(arn), roles }, now: new Date(0) };
  const expressions = [...new Set(approvers.flatMap(({ expression }) => expression ?? []))];
  const matched = expressions.filter((source) => {
    const compiled = reviewerExpression(source);
    const result = compiled.ok && compiled.program.evaluate(scope);
    return result && result.ok && result.value === true;
  });
  return { arn, roles, matched } satisfies Candidate;
}

/** These people, and whoever else is named or holds one of the roles: only users, and no party of the request. */
export function candidates(known: readonly Pick<Candidate, 'arn' | 'roles'>[], measure: Measure): readonly Candidate[] {
  const { request, approvers, holders } = measure;
  const named = [
    ...approvers.flatMap(({ users }) => users ?? []),
    ...ownRolesIn(approvers).flatMap((role) => holders[role] ?? []),
  ];
  const others = [...new Set(named)].filter((arn) => isUser(arn) && !known.some((person) => person.arn === arn));
  const people = [...known, ...others.map((arn) => ({ arn, roles: [] }))]
    .filter(({ arn }) => !parties(request).includes(arn))
    .map((person) => candidateOf(person, measure));
  const may = (person: Candidate) => approvers.some((some) => isAmong(some, person));
  return [...people.filter(may), ...people.filter((person) => !may(person))];
}

/** Moderators and admins as Chime told of them, with everybody else whom these approvers mean; of many, those who could review are kept. */
export function eligibleFor(eligible: Eligible, measure: Measure): Eligible {
  const people = candidates(peopleOf(eligible), measure);
  return { ...eligible, total: people.length, people: people.slice(0, ROSTER_LIMIT) };
}
