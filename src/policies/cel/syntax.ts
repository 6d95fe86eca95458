import { parse } from '@bufbuild/cel';
import type { Expr, ParsedCel } from './ast.ts';

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
