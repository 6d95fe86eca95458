import { isUser, shortName } from '../domain/arn.ts';
import type { Eligible } from '../domain/facts.ts';
import { peopleOf } from '../domain/conclusion.ts';
import { parties, type JoinRequest } from '../domain/request.ts';
import { CHIME_ROLES, isAmong, ROSTER_LIMIT, type Approvers, type Candidate } from '../domain/requirement.ts';
import { selectReviewers } from './cel/bounded.ts';
import { cachedCel, type CompiledCel } from './cel/compile.ts';

/** What people are measured by. */
export interface Measure {
  readonly request: JoinRequest;
  /** Who asks for a longer term; the requester, where nothing is said. */
  readonly askedBy?: string | undefined;
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
export async function candidateOf(person: Person, measure: Measure): Promise<Candidate> {
  const [found] = await candidatesOf([person], measure);
  return found ?? { ...person, matched: [] };
}

type Person = Pick<Candidate, 'arn' | 'roles'>;

/** The same for many: each expression is evaluated for all of them together. */
export async function candidatesOf(
  people: readonly Person[],
  { request, approvers, holders }: Measure,
): Promise<readonly Candidate[]> {
  const own = ownRolesIn(approvers);
  const reviewers = people.map(({ arn, roles }) => {
    const held = own.filter((role) => holders[role]?.includes(arn));
    return { arn, id: shortName(arn), roles: [...new Set([...roles, ...held])] };
  });
  const expressions = [...new Set(approvers.flatMap(({ expression }) => expression ?? []))];
  const chosen = await Promise.all(
    expressions.map(async (source) => ({ source, arns: await selectReviewers(source, reviewers, request) })),
  );
  return reviewers.map(({ arn, roles }) => {
    return { arn, roles, matched: chosen.filter(({ arns }) => arns.has(arn)).map(({ source }) => source) };
  });
}

/** These people, and whoever else is named or holds one of the roles: only users, and no party of the request. */
export async function candidates(known: readonly Person[], measure: Measure): Promise<readonly Candidate[]> {
  const { request, askedBy, approvers, holders } = measure;
  const named = [
    ...approvers.flatMap(({ users }) => users ?? []),
    ...ownRolesIn(approvers).flatMap((role) => holders[role] ?? []),
  ];
  const names = new Set(known.map(({ arn }) => arn));
  const others = [...new Set(named)].filter((arn) => isUser(arn) && !names.has(arn));
  const asked = [...known, ...others.map((arn): Person => ({ arn, roles: [] }))].filter(
    ({ arn }) => !parties(request, askedBy).includes(arn),
  );
  const people = await candidatesOf(asked, measure);
  const may = (person: Candidate) => approvers.some((some) => isAmong(some, person));
  return [...people.filter(may), ...people.filter((person) => !may(person))];
}

/** Moderators and admins as Chime told of them, with everybody else whom these approvers mean; of many, those who could review are kept. */
export async function eligibleFor(eligible: Eligible, measure: Measure): Promise<Eligible> {
  const people = await candidates(peopleOf(eligible), measure);
  return { ...eligible, total: people.length, people: people.slice(0, ROSTER_LIMIT) };
}
