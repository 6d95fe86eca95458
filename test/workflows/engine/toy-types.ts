import type { EffectBase, MachineEvent, Step } from '../../../src/domain/engine.ts';

/** A request of a few states, for tests of the engine alone: it evaluates, waits for reviews, grants, is there, and ends. */
export interface ToyInput {
  readonly need: number;
  readonly forMs: number;
  /** How long each of these takes, in ms. */
  readonly evaluateMs?: number;
  readonly patientMs?: number;
  readonly grantMs?: number;
  readonly quickFails?: boolean;
  readonly external?: boolean;
  readonly grantFails?: boolean;
  /** There until somebody revokes it. */
  readonly stays?: boolean;
  readonly notify?: boolean;
  readonly perRun?: number;
}

interface Common {
  readonly id: string;
  readonly input: ToyInput;
  readonly evaluations: number;
  readonly asking?: { readonly lane: 'quick' | 'patient'; readonly step: 'admit' | 'external'; readonly to?: string };
  readonly odd?: { readonly which: number; readonly lane: EffectBase['lane']; readonly to: string };
  readonly looks?: { readonly lane: 'quick' | 'firm'; readonly to: string };
  readonly looked: number;
  readonly tries: number;
  readonly told: number;
  /** Events that counted, the newest last. */
  readonly log: readonly string[];
  readonly fault?: string;
}

export type Toy = Common &
  (
    | { readonly state: 'evaluating' }
    | { readonly state: 'waiting'; readonly by: readonly string[]; readonly remindAt?: number; readonly dueAt: number }
    | { readonly state: 'granting'; readonly begun: boolean; readonly cancelled?: true; readonly by: readonly string[] }
    | { readonly state: 'active' | 'removing' }
    | { readonly state: 'incident'; readonly dueAt: number }
    | { readonly state: 'closed'; readonly outcome: string }
  );

export type ToyCommand =
  | { readonly name: 'review'; readonly by: string; readonly decision: 'approve' | 'deny'; readonly check?: ToyCheck }
  | {
      readonly name: 'withdraw' | 'amend' | 'retry' | 'revoke';
      readonly by: string;
      readonly check?: ToyCheck;
    }
  | { readonly name: 'odd'; readonly by: string; readonly which: number; readonly lane: EffectBase['lane'] }
  | { readonly name: 'break'; readonly by: string; readonly fault: string }
  | { readonly name: 'look' };

export interface ToyCheck {
  readonly ms?: number;
  readonly is?: 'bad' | 'flaky' | 'down' | 'refusedForGood';
}

export type ToyEffect = EffectBase &
  (
    | { readonly do: 'evaluate' }
    | { readonly do: 'external' }
    | { readonly do: 'look' }
    | { readonly do: 'grant'; readonly tries: number }
    | { readonly do: 'remove'; readonly tries: number }
    | { readonly do: 'odd'; readonly which: number }
  );

export type ToyValues = {
  readonly evaluate: { readonly action: 'admit' | 'pend' | 'external' };
  readonly external: readonly number[];
  readonly look: { readonly is: 'there' | 'gone' };
  readonly grant: object;
  readonly remove: object;
  readonly odd: object;
};

export interface ToyAnswer {
  readonly state: string;
  readonly error?: string;
}

export type ToyNews = { readonly said: string };
export interface ToyChecked {
  readonly verified: boolean;
}

export type ToyEvent = MachineEvent<ToyCommand, ToyEffect, ToyValues, ToyChecked, ToyNews>;
export type ToyStep = Step<Toy, ToyAnswer>;
