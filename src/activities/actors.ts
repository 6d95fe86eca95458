import { isUser } from '../domain/arn.ts';
import { isAmong, ROSTER_LIMIT, type Candidate } from '../domain/requirement.ts';
import { digestOf } from '../identity/digest.ts';
import { candidates, candidatesOf } from '../policies/roster.ts';
import { measureOf, factsFor, type Sought, type FactSources } from './facts.ts';

/** Everybody who could review: users only, no party of the request, and at most 500. */
export async function readRoster(sought: Sought, sources: FactSources): Promise<readonly Candidate[]> {
  const [measure, { approvers: eligible }] = await Promise.all([
    measureOf(sought, sources.own.read),
    factsFor(sought.request, sources, { fresh: true, askedBy: sought.askedBy })(['approvers']),
  ]);
  const may = (person: Candidate) => sought.approvers.some((some) => isAmong(some, person));
  const people = await candidates(eligible?.value.people ?? [], measure);
  return people.filter(may).slice(0, ROSTER_LIMIT);
}

export function createActorActivities(sources: FactSources) {
  return {
    readRoster: async (sought: Sought) => readRoster(sought, sources),

    /** The same, with the digest of what they are to review. */
    async openReview({ subject, ...sought }: Sought & { readonly subject: unknown }) {
      return { people: await readRoster(sought, sources), reviewDigest: digestOf(subject) };
    },

    /** What earlier reviewers hold at this moment, in the order of `principals`: two lists, however many they are. */
    async confirmStandings({ principals, ...sought }: Sought & { readonly principals: readonly string[] }) {
      const [measure, { moderators, admins }] = await Promise.all([
        measureOf(sought, sources.own.read),
        factsFor(sought.request, sources, { fresh: true })(['moderators', 'admins']),
      ]);
      // Bots never review, whatever they hold.
      const people = principals.filter(isUser).map((arn) => ({
        arn,
        roles: [
          ...(moderators?.value.includes(arn) ? ['channel_moderator'] : []),
          ...(admins?.value.includes(arn) ? ['app_instance_admin'] : []),
        ],
      }));
      const found = new Map((await candidatesOf(people, measure)).map((one) => [one.arn, one]));
      return principals.map((arn): Candidate => found.get(arn) ?? { arn, roles: [], matched: [] });
    },
  };
}
