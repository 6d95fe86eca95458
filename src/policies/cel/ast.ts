import type { parse } from '@bufbuild/cel';

export type ParsedCel = ReturnType<typeof parse>;
export type Expr = NonNullable<ParsedCel['expr']>;

/** The direct parts of an expression, in the order in which they are evaluated. */
export function partsOf({ exprKind }: Expr): Expr[] {
  switch (exprKind.case) {
    case 'selectExpr':
      return present(exprKind.value.operand);
    case 'callExpr':
      return present(exprKind.value.target, ...exprKind.value.args);
    case 'listExpr':
      return exprKind.value.elements;
    case 'structExpr':
      return exprKind.value.entries.flatMap(({ keyKind, value }) =>
        present(keyKind.case === 'mapKey' ? keyKind.value : undefined, value),
      );
    case 'comprehensionExpr':
      return present(...LOOP.map((key) => exprKind.value[key]));
    case 'constExpr':
    case 'identExpr':
    case undefined:
      return [];
  }
}

/** A copy of an expression, with `change` applied to each of its direct parts. */
export function mapParts(expr: Expr, change: (part: Expr) => Expr): Expr {
  return { ...expr, exprKind: changed(expr.exprKind, change) };
}

function changed(kind: Expr['exprKind'], change: (part: Expr) => Expr): Expr['exprKind'] {
  const replaced = <K extends string>(key: K, part: Expr | undefined) =>
    (part ? { [key]: change(part) } : {}) as Partial<Record<K, Expr>>;
  switch (kind.case) {
    case 'selectExpr':
      return { ...kind, value: { ...kind.value, ...replaced('operand', kind.value.operand) } };
    case 'callExpr': {
      const target = replaced('target', kind.value.target);
      return { ...kind, value: { ...kind.value, ...target, args: kind.value.args.map(change) } };
    }
    case 'listExpr':
      return { ...kind, value: { ...kind.value, elements: kind.value.elements.map(change) } };
    case 'structExpr': {
      const entries = kind.value.entries.map((entry) => {
        const { keyKind } = entry;
        const key = keyKind.case === 'mapKey' ? { ...keyKind, value: change(keyKind.value) } : keyKind;
        return { ...entry, keyKind: key, ...replaced('value', entry.value) };
      });
      return { ...kind, value: { ...kind.value, entries } };
    }
    case 'comprehensionExpr': {
      const parts = LOOP.map((key) => replaced(key, kind.value[key]));
      return { ...kind, value: Object.assign({ ...kind.value }, ...parts) as typeof kind.value };
    }
    case 'constExpr':
    case 'identExpr':
    case undefined:
      return kind;
  }
}

const LOOP = ['accuInit', 'iterRange', 'loopCondition', 'loopStep', 'result'] as const;

/** `a.b.c`, also written `a["b"].c`, as `['a', 'b', 'c']`; `undefined` where an expression is more than a name. */
export function pathOf({ exprKind }: Expr): string[] | undefined {
  if (exprKind.case === 'identExpr') return [exprKind.value.name];
  if (exprKind.case === 'selectExpr') return extended(exprKind.value.operand, exprKind.value.field);
  if (exprKind.case !== 'callExpr' || exprKind.value.function !== '_[_]') return undefined;
  const [of, key] = exprKind.value.args;
  const constant = key?.exprKind.case === 'constExpr' ? key.exprKind.value.constantKind : undefined;
  return constant?.case === 'stringValue' ? extended(of, constant.value) : undefined;
}

function extended(of: Expr | undefined, field: string): string[] | undefined {
  const path = of && pathOf(of);
  return path && [...path, field];
}

/** Whether an expression is a literal, or a list or map of literals. */
export function isLiteral(expr: Expr): boolean {
  const kind = expr.exprKind.case;
  return kind === 'constExpr' || ((kind === 'listExpr' || kind === 'structExpr') && partsOf(expr).every(isLiteral));
}

export function operatorOf({ exprKind }: Expr): string | undefined {
  return exprKind.case === 'callExpr' ? exprKind.value.function : undefined;
}

/** Whether an expression has neither loops nor patterns: then its own length bounds what is evaluated. */
export function isPlain(expr: Expr): boolean {
  if (expr.exprKind.case === 'comprehensionExpr' || operatorOf(expr) === 'matches') return false;
  return partsOf(expr).every(isPlain);
}

export function isPresenceTest({ exprKind }: Expr): boolean {
  return exprKind.case === 'selectExpr' && exprKind.value.testOnly;
}

/** A call of a function, for expressions that are made here. */
export function callOf(name: string, args: Expr[], id: bigint): Expr {
  const value = { $typeName: 'cel.expr.Expr.Call', function: name, args } as const;
  return { $typeName: 'cel.expr.Expr', id, exprKind: { case: 'callExpr', value } };
}

export function intOf(value: bigint): Expr {
  const constant = { $typeName: 'cel.expr.Constant', constantKind: { case: 'int64Value', value } } as const;
  return { $typeName: 'cel.expr.Expr', id: value, exprKind: { case: 'constExpr', value: constant } };
}

function present(...exprs: (Expr | undefined)[]): Expr[] {
  return exprs.filter((expr) => expr !== undefined);
}

/** What is wrong with an expression, where, and what would be right. */
export interface CelProblem {
  readonly message: string;
  readonly accepted: string;
  readonly at?: Expr;
}
