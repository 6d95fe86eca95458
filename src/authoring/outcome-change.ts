import { isDeepStrictEqual } from 'node:util';
import type { BoundInput, BoundRequirement, Composition, Decision } from '../domain/admission.ts';
import { requirementText } from '../domain/requirement.ts';
import { comparable } from './expectations.ts';
import { decidingRule } from './explain.ts';

/** What policies came to, as far as anybody outside notices. */
export interface OutcomeSummary {
  readonly action: Composition['action'];
  readonly code?: string;
  readonly requirements?: readonly BoundRequirement[];
  readonly inputs?: readonly BoundInput[];
  /** When the policies are asked again. */
  readonly until?: string;
  /** Nobody asked then who could approve; if nobody could, this would be a denial. */
  readonly approversUnknown?: true;
}

export function summaryOf(composition: Composition, approversUnknown = false): OutcomeSummary {
  const { action } = composition;
  if (action === 'deny') return { action, code: composition.reason.code };
  if (action === 'ask') return { action, inputs: composition.inputs };
  if (action === 'defer') return { action, until: composition.until };
  if (action !== 'pend') return { action };
  return { action, requirements: composition.requirements, ...(approversUnknown ? { approversUnknown } : {}) };
}

/** Whether two outcomes differ in action, reason code or in what is asked for. Which binding asks makes no difference. */
export function differs(a: OutcomeSummary, b: OutcomeSummary): boolean {
  return a.action !== b.action || a.code !== b.code || a.until !== b.until || !isDeepStrictEqual(asked(a), asked(b));
}

function asked({ requirements = [], inputs = [] }: OutcomeSummary): string[] {
  const questions = inputs.map(({ schema, prompt }) => JSON.stringify([prompt, schema]));
  return [...requirements.map(comparable), ...questions].toSorted();
}

export function outcomeText({ action, code, requirements, inputs, until, approversUnknown }: OutcomeSummary): string {
  if (action === 'deny') return `deny ${code}`;
  if (action === 'ask') return `ask (${(inputs ?? []).map(({ prompt }) => prompt).join('; ')})`;
  if (action === 'defer') return `defer until ${until}`;
  if (action !== 'pend') return action;
  return `pend (${(requirements ?? []).map(requirementText).join('; ')})${approversUnknown ? ', or deny if nobody could approve' : ''}`;
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
