import { object, optional, someText, text } from './checks.ts';

/** Who gives a command, and the signed proof of it. Without a valid one it counts only where the worker trusts its callers. */
export interface Actor {
  readonly principal: string;
  readonly assertion?: string;
}

export const ACTOR = object<Actor>({ principal: someText(1_600), assertion: optional(text(8_192)) });

/** What an assertion has to fit: it proves one command, with this content, about just this. */
export interface CommandToProve {
  /** The name of the update, such as `review`. */
  readonly command: string;
  readonly workflowId: string;
  /** The command without its actor. */
  readonly payload: unknown;
  /** SHA-256 (hex) of the canonical JSON of what the command is about, as the actor saw it. */
  readonly requestDigest: string;
  /** When it was asked for (ISO 8601), once it was: whoever asks the same again gets no approval of the time before. */
  readonly requestedAt?: string;
}

/** What a good assertion proves. */
export interface Proof {
  /** `false`: the caller was trusted, nothing was proved. */
  readonly verified: boolean;
  /** Of the assertion: the workflow takes each once. `expiresAt` in ms since 1970. */
  readonly assertion?: { readonly id: string; readonly expiresAt: number };
}
