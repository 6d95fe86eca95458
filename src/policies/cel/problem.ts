import type { Expr } from './ast.ts';

/** What is wrong with an expression, where, and what would be right. */
export interface CelProblem {
  readonly message: string;
  readonly accepted: string;
  readonly at?: Expr;
}
