import type { Consequence, MatchedCondition } from '../domain/admission.ts';
import type { Progress } from '../domain/approval/panel.ts';
import { shortName } from '../domain/arn.ts';
import type { ExplainNode } from '../domain/explain.ts';
import { requirementText } from '../domain/requirement.ts';
import { cells } from '../domain/text.ts';
import {
  RULES,
  type ExplainedRequirement,
  type Explanation,
  type DecidingRule,
  type Rule,
  type ExplainedPolicy,
  type NamedFact,
} from './explain.ts';

/** The tree for people: every policy with its conditions and facts, then what they came to and by which rule. */
export function formatExplanation(explanation: Explanation): string[] {
  const shown = cells(explanation);
  const { id, state, outcome, request, policyDigest, composition, policies, otherFacts, error, override } = shown;
  return [
    `${id} is ${outcome ?? state}`,
    `  ${describeAsked(request)}`,
    ...(policyDigest ? [`  policy set ${policyDigest.slice(0, 12)}, as recorded`] : []),
    ...section(`policies   ${LEGEND}`, policies.flatMap(policyLines)),
    ...section('other facts', otherFacts.map(factLine)),
    ...(composition
      ? section(`composition: ${composition.action}`, [...ruleLines(composition), ...reasonLines(composition.reason)])
      : ['', 'no policy has decided', ...(error ? [`  ${error.type}: ${error.message}`] : [])]),
    ...section('requirements', shown.requirements.map(requirementLine)),
    ...section('reviews', shown.reviews.map(reviewLine)),
    ...section('overridden', override ? [overrideLine(override)] : []),
    ...extensionLines(shown),
    ...endLines(shown),
  ];
}

function extensionLines({ extension }: Explanation): string[] {
  if (!extension) return [];
  const { by, at, policies, otherFacts, composition } = extension;
  const title = `a longer term, asked by ${shortName(by)}, ${at}`;
  const facts = [...policies.flatMap(policyLines), ...otherFacts.map(factLine)];
  return section(title, [...facts, ...(composition ? ruleLines(composition) : [])]);
}

/** The fixed order of the rules, with the one that decided. */
export function ruleLines({ rule, bindings }: DecidingRule): string[] {
  const ordered: Rule[] = ['deny', 'input', 'deferral', 'requirement', 'allow', 'default'];
  const host = ordered.includes(rule) ? [] : [lineOf(rule, '+')];
  return [...ordered.map((one, index) => lineOf(one, String(index + 1))), ...host];

  function lineOf(one: Rule, number: string): string {
    if (one !== rule) return `  ${number} ${RULES[one]}`;
    return `→ ${number} ${RULES[one]}${bindings.length > 0 ? `: ${bindings.join(', ')}` : ''}`;
  }
}

/** Who joins what. A request that was ended in Temporal before it ran has no record of that. */
export function describeAsked({ channelArn, memberArn, type, requestedBy }: Partial<Explanation['request']>): string {
  if (!channelArn || !memberArn) return 'the request is not known';
  const by = requestedBy && requestedBy !== memberArn ? `, asked by ${shortName(requestedBy)}` : '';
  return `${shortName(memberArn)} joins ${shortName(channelArn)} as ${type}${by}`;
}

export function reasonLines(reason: Explanation['reason']): string[] {
  return reason ? [`  ${reason.code}: ${reason.message}`] : [];
}

function requirementLine({ progress, ...requirement }: ExplainedRequirement): string {
  const asked = `${requirement.binding}: ${requirementText(requirement)}`;
  if (!progress) return `· ${asked}`;
  const { stage, status, approve, approvedBy } = progress;
  const where = requirement.stages.length > 1 ? `${stage} is ${status}` : status;
  const by = approvedBy.length > 0 ? ` (${approvedBy.map(shortName).join(', ')})` : '';
  return `${STAGE_MARKS[status]} ${asked}; ${where}, ${approvedBy.length} of ${approve} given${by}`;
}

const STAGE_MARKS: Record<Progress['status'], string> = {
  waiting: '·',
  open: '…',
  approved: '✓',
  denied: '✗',
  overdue: '✗',
};

function reviewLine({ reviewer, decision, roles, at, verified, comment }: Explanation['reviews'][number]): string {
  const who = `${shortName(reviewer)} (${roles.join(', ')}${verified ? '' : ', not verified'})`;
  const mark = { approve: '✓', deny: '✗', abstain: '-', comment: '·', requestChanges: '·' }[decision];
  return `${mark} ${decision} by ${who}, ${at}${comment ? `: ${comment}` : ''}`;
}

function overrideLine({ by, at, verified, reason, ticket }: NonNullable<Explanation['override']>): string {
  return `by ${shortName(by)}${verified ? '' : ' (not verified)'}, ${at}, ${ticket}: ${reason}`;
}

/** How it ended, where people, time or Chime decided and not the policies. */
function endLines({ outcome, reason, composition, error }: Explanation): string[] {
  const other = reason && reason.code !== composition?.reason?.code ? reasonLines(reason) : [];
  const failed = error && composition ? [`  ${error.type}: ${error.message}`] : [];
  return other.length + failed.length > 0 ? ['', `in the end: ${outcome}`, ...other, ...failed] : [];
}

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

function indent(lines: readonly string[]): string[] {
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
