import { z } from 'zod';
import type { ExplainNode } from '../domain/explain.ts';
import { FACT_NAMES } from '../domain/facts.ts';
import { CHIME_ROLES } from '../domain/requirement.ts';
import { Approvers, DistinctFrom } from '../schemas/requirement.ts';
import { evaluateCel, onlyThose } from './cel/bounded.ts';
import { cachedCel, type CelOptions, type CompiledCel } from './cel/compile.ts';
import type { CelResult, CelScope } from './cel/program.ts';
import { cut } from './cel/values.ts';
import {
  approversIn,
  refuseBadExpressions,
  refuseCel,
  Approve,
  Code,
  FactNames,
  Message,
  refuseIdle,
  Visibility,
} from './params.ts';
import { definePolicy } from './policy.ts';
import { ownRolesIn } from './roster.ts';
import { allow, deny, notApplicable, requireApproval } from './verdicts.ts';

const CONDITIONS = ['denyWhen', 'requireApprovalWhen', 'allowWhen'] as const;
const EXPRESSIONS = [...CONDITIONS, 'messageExpression'] as const;

/** What a denial and a requirement say, and which condition they need to say it. */
const BELONGING = [
  ['denyWhen', ['code', 'message', 'messageExpression', 'visibility']],
  ['requireApprovalWhen', ['approve', 'approvers', 'distinctFrom']],
] as const;

const Fields = z.strictObject({
  denyWhen: z.string().exactOptional(),
  requireApprovalWhen: z.string().exactOptional(),
  allowWhen: z.string().exactOptional(),
  /** Facts that other policies provide and the expressions read; the host's own need not be named. */
  facts: FactNames.default([]),
  code: Code.exactOptional(),
  message: Message.exactOptional(),
  messageExpression: z.string().exactOptional(),
  visibility: Visibility.exactOptional(),
  approve: Approve.exactOptional(),
  approvers: Approvers.exactOptional(),
  distinctFrom: DistinctFrom.exactOptional(),
});

export type ExpressionParams = z.output<typeof Fields>;

/** The params of the policy `expression`; each expression is checked as far as it can be without a request. */
export const ExpressionParams = Fields.superRefine((params, issues) => {
  if (CONDITIONS.every((name) => params[name] === undefined)) {
    issues.addIssue({ code: 'custom', path: [], message: `one of ${CONDITIONS.join(', ')} is needed` });
  }
  for (const [condition, fields] of BELONGING) {
    if (params[condition] === undefined) fields.forEach((field) => refuseIdle(issues, params, field, condition));
  }
  for (const name of EXPRESSIONS) {
    const compiled = params[name] === undefined ? undefined : compiledFrom(params[name], params);
    if (compiled?.ok === false) refuseCel(issues, compiled, [name]);
  }
  refuseBadExpressions(issues, params);
});

/** An expression of params that were checked. */
function compiledFrom(source: string, { facts }: Pick<ExpressionParams, 'facts'>): CompiledCel {
  return cachedCel(source, celOptions({ facts }));
}

function celOptions({ facts }: Pick<ExpressionParams, 'facts'>): CelOptions {
  return { facts: [...FACT_NAMES, ...facts] };
}

/** Whether none of the expressions needs a child process. */
export function isAllPlain(params: ExpressionParams): boolean {
  return EXPRESSIONS.every((name) => {
    const compiled = params[name] === undefined ? undefined : compiledFrom(params[name], params);
    return compiled?.ok !== true || compiled.program.plain;
  });
}

/** The facts that all the expressions read, and those that are the roles of approvers. */
function factsRead(params: ExpressionParams): string[] {
  const compiled = EXPRESSIONS.flatMap((name) =>
    params[name] === undefined ? [] : [compiledFrom(params[name], params)],
  );
  const roles = ownRolesIn(approversIn(params).map(({ approvers }) => approvers));
  return [...new Set([...compiled.flatMap((one) => (one.ok ? one.program.facts : [])), ...roles])];
}

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
