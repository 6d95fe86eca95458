import type { EffectBase, Values } from '../../domain/engine.ts';
import type { Host, Named, Start } from './host.ts';

/** Runs a machine in this workflow until it is closed; its last state. Throws what is wrong with the start. */
export declare function runMachine<
  S,
  C extends Named,
  E extends EffectBase,
  V extends Values<E>,
  Call,
  Checked,
  A extends object,
  N,
>(host: Host<S, C, E, V, Call, Checked, A, N>, start: Start<S>): Promise<S>;
