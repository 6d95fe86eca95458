import { z } from 'zod';
import { durationMs } from '../domain/duration.ts';
import type { History } from '../domain/facts.ts';
import { PositiveDuration } from '../schemas/fields.ts';
import { definePolicy } from './policy.ts';
import { defer, deny, notApplicable } from './verdicts.ts';

const Params = z
  .strictObject({
    /** Counted from when the request was made. */
    wait: PositiveDuration.optional(),
    giveUpAfter: PositiveDuration.default('30d'),
    /** For so long after a denial, the same member is not asked for again, whoever asks. */
    afterDenial: PositiveDuration.optional(),
    /** Of two open requests for the same member, the later one is denied. */
    oneOpenRequest: z.boolean().default(false),
  })
  .refine(({ wait, afterDenial, oneOpenRequest }) => wait ?? afterDenial ?? (oneOpenRequest || undefined), {
    path: ['wait'],
    message: 'nothing to do: give wait, afterDenial or oneOpenRequest: true',
  })
  .refine(({ wait, giveUpAfter }) => wait === undefined || durationMs(wait) < durationMs(giveUpAfter), {
    path: ['wait'],
    message: 'not shorter than giveUpAfter: every request would be given up',
  });

/** Nobody joins in a hurry: a request waits before anybody is asked, and after a denial people are left in peace. */
export const coolingOff = definePolicy({
  id: 'cooling-off',
  version: '1.1.0',
  title: 'Cooling-off period',
  params: Params,
  facts: ({ afterDenial, oneOpenRequest }) => (afterDenial !== undefined || oneOpenRequest ? ['history'] : []),
  kind: 'pure',
  evaluate(_request, { params, facts, purpose, requestedAt, now }) {
    if (purpose === 'extend') return notApplicable('the member is there already');
    const { wait, giveUpAfter, afterDenial, oneOpenRequest } = params;
    // Declared only where it is needed.
    const { history } = facts as { history?: History };
    if (afterDenial !== undefined && history) {
      const ends = (deniedAt: string | null) => Date.parse(deniedAt ?? '') + durationMs(afterDenial);
      const [own, any] = [ends(history.lastOwnDeniedAt), ends(history.lastDeniedAt)];
      if (own > now.getTime()) return deny(AFTER_DENIAL, `This was asked for and denied: ${again(own)}.`);
      // That somebody else asked for the member is not told to everybody.
      if (any > now.getTime()) return deny(AFTER_DENIAL, `It was denied to another asker: ${again(any)}.`, OPAQUE);
    }
    if (oneOpenRequest && history && history.openBefore > 0) {
      return deny('OTHER_REQUEST_OPEN', 'An earlier request for the same member and channel is open.', OPAQUE);
    }
    if (wait === undefined) return notApplicable('nothing of late speaks against it');
    const until = new Date(requestedAt.getTime() + durationMs(wait));
    if (now >= until) return notApplicable(`the request is older than ${wait}`);
    return defer(until, giveUpAfter, `every request waits for ${wait} first`);
  },
});

function again(at: number): string {
  return `ask again after ${new Date(at).toISOString()}`;
}

const AFTER_DENIAL = 'COOLING_OFF_AFTER_DENIAL';
const OPAQUE = { visibility: 'opaque' } as const;
