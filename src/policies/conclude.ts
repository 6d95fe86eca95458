import type { Composition } from '../domain/admission.ts';
import {
  concludeFrom,
  MissingFactError,
  needsApprovers,
  type Answered,
  type Conclusion,
} from '../domain/conclusion.ts';
import type { Facts } from '../domain/facts.ts';
import { approversIn } from '../domain/requirement.ts';
import { plainValues } from './evaluate.ts';
import { holdersFrom } from './requirement-check.ts';
import { eligibleFor } from './roster.ts';

/**
 * Composes the decisions and applies the host's own rules; who may approve is read only if somebody has to. Throws a
 * MissingFactError where a fact was not read.
 */
export async function conclude(answered: Answered, readApprovers: () => Promise<Facts>): Promise<Conclusion> {
  // A policy may have read who could approve, but nobody has measured them by what is asked for.
  const { approvers, ...facts } = answered.facts;
  const first = concludeFrom({ ...answered, facts });
  if (!needsApprovers(first)) return { ...first, facts: answered.facts };
  const read = approvers ? answered.facts : { ...facts, ...(await readApprovers()) };
  return concludeFrom({ ...answered, facts: await measured(read, answered, first.composition) });
}

/** With `approvers` as a composition sees them: also who holds roles of our own, is named, or is meant by an expression. */
async function measured(facts: Facts, { request, askedBy }: Answered, composition: Composition): Promise<Facts> {
  const { approvers: fact } = facts;
  if (!fact || composition.action !== 'pend') return facts;
  const approvers = composition.requirements.flatMap(approversIn);
  const holders = holdersFrom(approvers, plainValues(facts));
  if (!holders.ok) throw new MissingFactError(holders.issue);
  return {
    ...facts,
    approvers: {
      ...fact,
      value: await eligibleFor(fact.value, { request, askedBy, approvers, holders: holders.value }),
    },
  };
}
