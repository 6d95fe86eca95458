import { unparse, type CelValue } from '@bufbuild/cel';
import type { ExplainNode } from '../../domain/explain.ts';
import { isLiteral, isPresenceTest, operatorOf, partsOf, pathOf, type Expr, type ParsedCel } from './ast.ts';
import { cut, toJson } from './values.ts';

const MAX_NODES = 100;
const MAX_TEXT = 200;
const LIMITS = { characters: MAX_TEXT, elements: 10, depth: 3 };
const MAX_VALUE = 1_000;

/** A sub-expression that is explained, and those it is made of. */
export interface Piece {
  readonly expr: Expr;
  readonly text: string;
  readonly pieces: Piece[];
}

/** What is known of the pieces after an evaluation. */
export interface Trace {
  /** The values, by id; a piece without one failed or was not evaluated. */
  readonly notes: ReadonlyMap<bigint, CelValue>;
  /** Why a piece that was evaluated has no value. */
  errorOf(piece: Piece): string;
}

/** The pieces of an expression, in its own nesting; at most 100, so deep ones may be left out. */
export function sketch(parsed: ParsedCel, root: Expr): Piece {
  const pieceOf = (expr: Expr): Piece => {
    return { expr, text: cut(unparse({ ...parsed, expr }), MAX_TEXT), pieces: [] };
  };
  const found = [pieceOf(root)];
  for (const piece of found) {
    const parts = explained(piece.expr)
      .slice(0, MAX_NODES - found.length)
      .map(pieceOf);
    piece.pieces.push(...parts);
    found.push(...parts);
  }
  return found[0] ?? pieceOf(root);
}

/** Every sub-expression that is explained. */
export function expressionsOf({ expr, pieces }: Piece): Expr[] {
  return [expr, ...pieces.flatMap(expressionsOf)];
}

/** The tree of values. A piece that was not evaluated has neither value nor error. */
export function explain(piece: Piece, trace: Trace, evaluated = true): ExplainNode {
  const reached = reachedPieces(piece, trace, evaluated);
  const children = piece.pieces.map((part, index) => explain(part, trace, reached[index] === true));
  const value = trace.notes.get(piece.expr.id);
  const below = children.length > 0 ? { children } : {};
  if (value !== undefined) return { text: piece.text, value: shown(value), ...below };
  if (!evaluated) return { text: piece.text, ...below };
  const error = inherited(piece.expr, children) ?? cut(trace.errorOf(piece), MAX_TEXT);
  return { text: piece.text, error, ...below };
}

/** The error that a piece has from one of its parts: the first; a term that is no boolean is one of the whole. */
function inherited(expr: Expr, children: readonly ExplainNode[]): string | undefined {
  const logic = operatorOf(expr) === '_&&_' || operatorOf(expr) === '_||_';
  const first = children.find(({ value, error }) =>
    error === undefined ? logic && value !== undefined && typeof value !== 'boolean' : true,
  );
  return first?.error;
}

/** Which of the pieces were evaluated, by the rules of CEL: it stops where the rest cannot matter any more. */
function reachedPieces({ expr, pieces }: Piece, { notes }: Trace, evaluated: boolean): boolean[] {
  const operator = operatorOf(expr);
  const values = pieces.map((part) => notes.get(part.expr.id));
  const decided = (before: readonly (CelValue | undefined)[]) => {
    if (operator === '_&&_') return before.includes(false);
    return operator === '_||_' ? before.includes(true) : before.includes(undefined);
  };
  return values.map((_value, index) => {
    if (!evaluated) return false;
    if (operator === '_?_:_' && index > 0) return values[0] === (index === 1);
    return !decided(values.slice(0, index));
  });
}

/** The parts that are worth an explanation; the terms of `a && b && c` stand side by side. */
function explained(expr: Expr): Expr[] {
  const operator = operatorOf(expr);
  if (operator === '_&&_' || operator === '_||_') return partsOf(expr).flatMap((part) => termsOf(part, operator));
  if (operator === '_?_:_') return partsOf(expr);
  // The index of a list or the key of a map, and `has`, are read as one with what they are asked of.
  if (operator === '_[_]' || pathOf(expr) || isPresenceTest(expr)) return [];
  if (expr.exprKind.case === 'comprehensionExpr') {
    return [expr.exprKind.value.iterRange].filter((range) => range !== undefined && !isLiteral(range)) as Expr[];
  }
  return partsOf(expr).filter((part) => !isLiteral(part));
}

function termsOf(expr: Expr, operator: string): Expr[] {
  return operatorOf(expr) === operator ? partsOf(expr).flatMap((part) => termsOf(part, operator)) : [expr];
}

function shown(value: CelValue): unknown {
  const json = toJson(value, LIMITS);
  return JSON.stringify(json).length > MAX_VALUE ? toJson(value, { ...LIMITS, depth: 0 }) : json;
}
