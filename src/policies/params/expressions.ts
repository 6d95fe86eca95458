import { z } from 'zod';
import { FACT_NAMES } from '../../domain/facts.ts';
import { cachedCel } from '../cel/cached.ts';
import type { CelOptions, CompiledCel } from '../cel/compile.ts';
import { Approvers, DistinctFrom } from '../../schemas/requirement.ts';
import { ownRolesIn } from '../roster.ts';
import { approversIn, refuseBadExpressions, refuseCel } from './approvers.ts';
import { Approve, Code, FactNames, Message, refuseIdle, Visibility } from './fields.ts';

export const CONDITIONS = ['denyWhen', 'requireApprovalWhen', 'allowWhen'] as const;
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
export function compiledFrom(source: string, { facts }: Pick<ExpressionParams, 'facts'>): CompiledCel {
  return cachedCel(source, celOptions({ facts }));
}

export function celOptions({ facts }: Pick<ExpressionParams, 'facts'>): CelOptions {
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
export function factsRead(params: ExpressionParams): string[] {
  const compiled = EXPRESSIONS.flatMap((name) =>
    params[name] === undefined ? [] : [compiledFrom(params[name], params)],
  );
  const roles = ownRolesIn(approversIn(params).map(({ approvers }) => approvers));
  return [...new Set([...compiled.flatMap((one) => (one.ok ? one.program.facts : [])), ...roles])];
}
