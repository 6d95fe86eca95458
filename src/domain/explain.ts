/** Why something came out as it did: a piece of an expression with its value (or error), and the pieces it is made of. */
export interface ExplainNode {
  readonly text: string;
  readonly value?: unknown;
  readonly error?: string;
  readonly children?: readonly ExplainNode[];
}
