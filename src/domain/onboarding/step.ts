import type { InputSchema } from '../input-schema.ts';
import type { MembershipType } from '../request.ts';
import type { Requirement } from '../requirement.ts';
import type { Condition } from './condition.ts';

interface Common {
  readonly id: string;
  /** For people; the id where none is given. */
  readonly title?: string;
  readonly if?: Condition;
  /**
   * `fail`: the onboarding fails; `skip`: it goes on without the step; `compensate-and-stop`: the memberships that it
   * made are removed, the last first; `hold`: an operator decides.
   */
  readonly onFailure: 'fail' | 'skip' | 'compensate-and-stop' | 'hold';
}

/** For steps that somebody else has to end. */
interface Awaited {
  /** After this the step has failed. */
  readonly dueIn?: string;
  /** So long before the step is due; without `dueIn`, so long after it began. */
  readonly remind: readonly string[];
}

/** A step that failed is tried again by itself, so often and after this time. */
interface Retried {
  readonly retry?: { readonly times: number; readonly after: string };
}

export type Step =
  /** The member joins a channel, through the policies, asked for by who asked for the onboarding. */
  | (Common &
      Awaited &
      Retried & {
        readonly kind: 'join';
        readonly channelArn: string;
        readonly type: MembershipType;
        readonly subChannelId?: string;
        readonly term?: string;
      })
  /** The member answers questions. */
  | (Common & Awaited & { readonly kind: 'input'; readonly prompt: string; readonly schema: InputSchema })
  /** The service bearer writes to a channel. */
  | (Common & Retried & { readonly kind: 'message'; readonly channelArn: string; readonly text: string })
  /** Either `for` or `until`. */
  | (Common & { readonly kind: 'wait'; readonly for?: string; readonly until?: string })
  /** People who hold an office on a channel approve. */
  | (Common & Awaited & { readonly kind: 'approval'; readonly channelArn: string; readonly requirement: Requirement });

export type StepOf<K extends Step['kind']> = Extract<Step, { readonly kind: K }>;
