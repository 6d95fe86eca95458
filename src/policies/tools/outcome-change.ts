import { isDeepStrictEqual } from 'node:util';
import type { BoundRequirement, Composition, Decision } from '../../domain/admission.ts';
import { decidingRule } from './deciding-rule.ts';

/** What policies came to, as far as anybody outside notices. */
export interface OutcomeSummary {
  readonly action: Composition['action'];
  readonly code?: string;
  readonly requirements?: readonly Pick<BoundRequirement, 'binding' | 'approve' | 'approvers'>[];
  /** Nobody asked then who could approve; if nobody could, this would be a denial. */
  readonly approversUnknown?: true;
}

export function summaryOf(composition: Composition, approversUnknown = false): OutcomeSummary {
  const { action } = composition;
  if (action === 'deny') return { action, code: composition.reason.code };
  if (action !== 'pend') return { action };
  return { action, requirements: composition.requirements, ...(approversUnknown ? { approversUnknown } : {}) };
}

/** Whether two outcomes differ in action, reason code or requirements. Who asks for a requirement makes no difference. */
export function differs(a: OutcomeSummary, b: OutcomeSummary): boolean {
  return a.action !== b.action || a.code !== b.code || !isDeepStrictEqual(asked(a), asked(b));
}

function asked({ requirements = [] }: OutcomeSummary): string[] {
  return requirements
    .map(({ approve, approvers }) => `${approve} by ${[...new Set(approvers.roles)].toSorted().join(' or ')}`)
    .toSorted();
}

export function outcomeText({ action, code, requirements, approversUnknown }: OutcomeSummary): string {
  if (action === 'deny') return `deny ${code}`;
  if (action !== 'pend') return action;
  const waits = (requirements ?? []).map(({ approve, approvers }) => `${approve} by ${approvers.roles.join(' or ')}`);
  return `pend (${waits.join('; ')})${approversUnknown ? ', or deny if nobody could approve' : ''}`;
}

type Composed = readonly [Composition, readonly Decision[]];

/** The bindings that one outcome rests on and the other does not. */
export function blamed(before: Composed, after: Composed): string[] {
  const [from, to] = [restsOn(before, after), restsOn(after, before)];
  const both = [...new Set([...from, ...to])];
  const onlyOne = both.filter((name) => from.includes(name) !== to.includes(name));
  const names = onlyOne.length > 0 ? onlyOne : both;
  return names.length > 0 ? names.toSorted() : ['host'];
}

/** An admission rests on those who allow only where the other side is that nobody did. */
function restsOn([composition, decisions]: Composed, other: Composed): readonly string[] {
  const { rule, bindings } = decidingRule(composition, decisions);
  return rule === 'allow' && decidingRule(...other).rule !== 'default' ? [] : bindings;
}
