import type { ExplainNode } from './explain.ts';
import type { InputSchema } from './input-schema.ts';
import type { Requirement } from './requirement.ts';

/** How long a membership may last, and when its end is announced: so long before it. */
export interface TermLimit {
  readonly max: string;
  readonly remind: string[];
}

interface Common {
  /** Shown, and counted for nothing. */
  readonly warnings?: string[];
  /** For how long the verdict holds, before it has to be asked for again. */
  readonly validFor?: string;
  /** Why, where a policy can say more than its code. */
  readonly explain?: ExplainNode;
  /** Of several policies that limit the term, the shortest counts. */
  readonly term?: TermLimit;
}

/** What a policy may answer. The union is closed: anything else is an error, and an error is never an allow. */
export type Verdict = Common &
  (
    | { readonly verdict: 'allow' }
    | {
        readonly verdict: 'deny';
        /** Stable UPPER_SNAKE code, for machines. */
        readonly code: string;
        readonly message: string;
        /** The field of the request that is to blame, if one is. */
        readonly field?: string;
        /** `opaque`: only moderators and admins are told; others read NOT_ADMITTED. */
        readonly visibility: 'full' | 'opaque';
        /** When asking again may make sense. */
        readonly retryAfter?: string;
      }
    | { readonly verdict: 'requireApproval'; readonly requirement: Requirement }
    /** The requester has to answer something first; then the policy is asked again, with the answers. */
    | {
        readonly verdict: 'requireInput';
        /** JSON Schema of an object. */
        readonly schema: InputSchema;
        readonly prompt: string;
        /** After this nobody waits for the answers any more, and the request expires. */
        readonly expiresIn: string;
      }
    /** Not yet: ask again at `until`, but not for longer than `giveUpAfter` from when the request was made. */
    | { readonly verdict: 'defer'; readonly until: string; readonly giveUpAfter: string; readonly because: string }
    | { readonly verdict: 'notApplicable'; readonly because: string }
  );
