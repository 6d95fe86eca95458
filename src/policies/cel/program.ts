import type { Purpose } from '../../domain/conclusion.ts';
import type { ExplainNode } from '../../domain/explain.ts';
import type { JoinRequest } from '../../domain/request.ts';

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
