import { parse } from '@bufbuild/cel';
import type { Purpose } from '../../domain/conclusion.ts';
import type { ExplainNode } from '../../domain/explain.ts';
import type { JoinRequest } from '../../domain/request.ts';
import type { Expr, ParsedCel } from './ast.ts';

/**
 * What an expression may name: `request`, `askedBy`, `purpose`, `facts` (by their dotted names), `params` and `now`; or
 * `request` and `reviewer`.
 */
export interface CelScope {
  readonly request: Readonly<JoinRequest>;
  /** By name, such as `requester.role`; in an expression `facts.requester.role`. */
  readonly facts: Readonly<Record<string, unknown>>;
  readonly params?: unknown;
  /** Who asks now; the requester, where nothing is said. */
  readonly askedBy?: string | undefined;
  /** `join`, where nothing is said. */
  readonly purpose?: Purpose | undefined;
  readonly reviewer?: { readonly arn: string; readonly id: string; readonly roles: readonly string[] };
  readonly now: Date;
}

/** A value, or an error: never both, and an error is never taken for a value. With every sub-expression that led there. */
export type CelResult =
  | { readonly ok: true; readonly value: unknown; readonly explain: ExplainNode }
  | { readonly ok: false; readonly error: string; readonly explain: ExplainNode };

/** An expression that was checked at load, wherever it is evaluated. */
export interface Evaluable {
  readonly source: string;
  /** Names of the facts that it reads. */
  readonly facts: readonly string[];
  evaluate(scope: CelScope): CelResult | Promise<CelResult>;
}

/** One that is evaluated at once, in this process: for the engine alone. */
export interface CelProgram extends Evaluable {
  /** It has neither loops nor patterns: its own length bounds what is evaluated. */
  readonly plain: boolean;
  evaluate(scope: CelScope): CelResult;
  /** The same for a hundredth of the cost, if it is plain; nothing where that is too little. */
  evaluatePlain(scope: CelScope): CelResult | undefined;
}

/** Why a text is refused, with what would be taken, and where in the text, from 1. */
export interface CelRefusal {
  readonly ok: false;
  readonly message: string;
  readonly accepted: string;
  readonly line?: number;
  readonly column?: number;
}

export interface Syntax {
  readonly ok: true;
  readonly parsed: ParsedCel;
  readonly expr: Expr;
}

/** Reads the text of an expression; what it means is for others to check. */
export function parseCel(source: string): Syntax | CelRefusal {
  const accepted = "an expression of CEL, such as request.type == 'HIDDEN' && facts.channel.privacy == 'PRIVATE'";
  try {
    const parsed = parse(source);
    if (parsed.expr) return { ok: true, parsed, expr: parsed.expr };
    return { ok: false, message: 'there is no expression', accepted };
  } catch (error) {
    // The parser's text stands between a place and all it could have taken; nesting in the thousands overflows its stack.
    const { message, location } = error as Error & { location?: { start: { line: number; column: number } } };
    const place = location ? { line: location.start.line, column: location.start.column } : {};
    const text = message.replaceAll(/^<input>:\d+:\d+: | but expecting .*$/gs, '');
    return { ok: false, message: `syntax error: ${text}`, accepted, ...place };
  }
}

/** Where an expression stands in its text. */
export function placeOf(source: string, { sourceInfo }: ParsedCel, { id }: Expr): { line: number; column: number } {
  const lines = source.slice(0, sourceInfo?.positions[String(id)] ?? 0).split('\n');
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}
