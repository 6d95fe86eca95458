import type { Consequence, MatchedCondition } from '../../domain/admission.ts';
import type { ExplainNode } from '../../domain/explain.ts';
import type { ExplainedPolicy, NamedFact } from './explain.ts';

const MARKS: Record<Consequence['evaluation'], string> = {
  allow: '✓',
  deny: '✗',
  requireApproval: '?',
  requireInput: '?',
  defer: '…',
  notApplicable: '-',
  error: '!',
};

export const LEGEND = '(✓ allow, ✗ deny, ? asks people or the requester, … not yet, - not applicable, ! error)';

/** One policy for people: what it said, the conditions that made it so, and the facts that it was given. */
export function policyLines(policy: ExplainedPolicy): string[] {
  const { binding, version, enforcement, evaluation, action, code, message, decided } = policy;
  const counts = enforcement === 'Enforce' ? '' : ` (${enforcement}: counts for nothing)`;
  const mark = decided ? `  ← ${action}` : '';
  return [
    `${MARKS[evaluation]} ${binding}  ${policy.policy}@${version}: ${evaluation}${counts}${mark}`,
    ...indent([
      ...((code ?? message) ? [[code, message].filter(Boolean).join(': ')] : []),
      ...(policy.warnings ?? []).map((warning) => `warning: ${warning}`),
      ...(policy.conditions ?? []).flatMap(conditionLines),
      ...(policy.explain ? nodeLines(policy.explain) : []),
      ...policy.read.map(factLine),
    ]),
  ];
}

export function factLine({ name, value, source, readAt, error }: NamedFact): string {
  const found = error === undefined ? `= ${JSON.stringify(value)}` : `could not be read: ${error}`;
  return `fact ${name} ${found}  (${source}, ${readAt})`;
}

/** A titled block; none where there is nothing to say. */
export function section(title: string, lines: readonly string[]): string[] {
  return lines.length > 0 ? ['', title, ...indent(lines)] : [];
}

export function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

function conditionLines({ name, expression, value, explain }: MatchedCondition): string[] {
  const mark = explain?.error === undefined ? (value ? '✓' : '✗') : '!';
  const { error, children = [] } = explain ?? {};
  const below = [...(error === undefined ? [] : [`! ${error}`]), ...children.flatMap(nodeLines)];
  return [`${mark} condition ${name}: ${expression}`, ...indent(below)];
}

/** An expression with its pieces below it. */
function nodeLines({ text, value, error, children = [] }: ExplainNode): string[] {
  const head = error === undefined ? valueText(text, value) : `! ${text}: ${error}`;
  return [head, ...indent(children.flatMap(nodeLines))];
}

function valueText(text: string, value: unknown): string {
  if (value === true) return `✓ ${text}`;
  if (value === false) return `✗ ${text}`;
  return value === undefined ? `· ${text}` : `· ${text} = ${JSON.stringify(value)}`;
}
