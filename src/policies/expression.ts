import type { ExplainNode } from '../domain/explain.ts';
import { CHIME_ROLES } from '../domain/requirement.ts';
import { onlyThose } from './applicability.ts';
import { evaluateCel } from './cel/bounded.ts';
import type { CelResult, CelScope } from './cel/program.ts';
import { cut } from './cel/values.ts';
import { celOptions, compiledFrom, CONDITIONS, ExpressionParams, factsRead } from './params/expressions.ts';
import { definePolicy } from './policy.ts';
import { allow, deny, notApplicable, requireApproval } from './verdicts.ts';

const MAX_MESSAGE = 1_024;

/**
 * Decides by expressions in CEL, asked in a fixed order: deny, require approval, allow. Only `true` counts; what is
 * neither true nor false is an error.
 */
export const expression = definePolicy({
  id: 'expression',
  version: '1.0.0',
  title: 'Expressions',
  params: ExpressionParams,
  facts: factsRead,
  kind: 'pure',
  async evaluate(request, { params, facts, now, purpose, askedBy, log }) {
    const scope = { request, facts, now, purpose, askedBy };
    const { holds, explain } = await firstThatHolds(params, scope);
    if (holds === 'denyWhen') {
      const message = await messageOf(params, scope, log);
      const options = params.visibility === undefined ? {} : { visibility: params.visibility };
      return { ...deny(params.code ?? 'EXPRESSION', message, options), explain };
    }
    if (holds === 'requireApprovalWhen') {
      const { approve = 1, approvers = { roles: [...CHIME_ROLES] }, distinctFrom } = params;
      return { ...requireApproval({ approvers, approve, ...(distinctFrom ? { distinctFrom } : {}) }), explain };
    }
    if (holds === 'allowWhen') return { ...allow(), explain };
    return { ...notApplicable('none of its expressions is true'), explain };
  },
});

type Condition = (typeof CONDITIONS)[number];

async function firstThatHolds(
  params: ExpressionParams,
  scope: CelScope,
): Promise<{ holds?: Condition; explain: ExplainNode }> {
  const children: ExplainNode[] = [];
  for (const name of CONDITIONS) {
    const source = params[name];
    if (source === undefined) continue;
    const result = await evaluated(source, params, scope);
    if (!result.ok) throw new Error(`${name}: ${result.error}`);
    if (typeof result.value !== 'boolean') throw new Error(`${name} gives no boolean`);
    children.push({ text: name, value: result.value, children: [result.explain] });
    if (result.value) return { holds: name, explain: { text: 'expression', value: name, children } };
  }
  return { explain: { text: 'expression', value: null, children } };
}

async function evaluated(source: string, params: ExpressionParams, scope: CelScope): Promise<CelResult> {
  const compiled = compiledFrom(source, params);
  // Params come through the schema, which compiles the same text.
  if (!compiled.ok) throw new Error(compiled.message);
  const facts = onlyThose(compiled.program.facts, scope.facts);
  return evaluateCel(compiled.program, celOptions(params), { ...scope, facts });
}

/** As in Kubernetes: a message that cannot be made gives way to the fixed one, and that to the text of the expression. */
async function messageOf(params: ExpressionParams, scope: CelScope, log: (message: string) => void): Promise<string> {
  const { denyWhen = '', message = cut(`failed: ${denyWhen.replaceAll(/\s+/g, ' ')}`, MAX_MESSAGE) } = params;
  if (params.messageExpression === undefined) return message;
  const result = await evaluated(params.messageExpression, params, scope);
  const made = result.ok && typeof result.value === 'string' ? result.value.trim() : '';
  if (made !== '' && made.length <= MAX_MESSAGE && !/[\r\n]/.test(made)) return made;
  const why = result.ok ? `no text of one line and 1 to ${MAX_MESSAGE} characters` : result.error;
  log(`messageExpression gives no message: ${why}`);
  return message;
}
