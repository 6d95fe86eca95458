import type { Decision } from '../../domain/admission.ts';
import { requirementText } from '../../domain/requirement.ts';
import type { RequestView } from '../../domain/view.ts';
import { code, count, escape, fitting } from '../../domain/markdown.ts';

const MAX_ROWS = 30;

/** Which policy decided what; where there are many, those that did something come first. */
export function verdicts({ decisions, policyDigest }: RequestView): string {
  if (decisions.length === 0) return '';
  const ordered = decisions.length > MAX_ROWS ? decisions.toSorted(byEffect) : decisions;
  const { shown, more } = fitting(ordered.map(row), MAX_ROWS);
  const others = more > 0 ? `, and ${count(more, 'more policy', 'more policies')}` : '';
  return [
    '| policy | verdict | action | because |',
    '| --- | --- | --- | --- |',
    ...shown,
    '',
    `Policy set ${code(policyDigest?.slice(0, 12) ?? 'unknown')}${others}`,
  ].join('\n');
}

function row(decision: Decision): string {
  const { binding, evaluation, action } = decision;
  return `| ${escape(binding, 64)} | ${evaluation} | ${action} | ${enforced(decision)}${escape(because(decision), 200)} |`;
}

function byEffect(a: Decision, b: Decision): number {
  return Number(a.action === 'none') - Number(b.action === 'none');
}

function enforced({ enforcement }: Decision): string {
  return enforcement === 'Enforce' ? '' : `(${enforcement}) `;
}

function because({ code: reasonCode, message, requirement, prompt, term }: Decision): string {
  const said = requirement
    ? `needs ${requirementText(requirement)}`
    : [reasonCode, message ?? prompt].filter(Boolean).join(': ');
  return [said, ...(term ? [`at most ${term.max}`] : [])].filter(Boolean).join('; ');
}
