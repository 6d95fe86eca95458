import { z } from 'zod';
import { durationMs } from '../domain/duration.ts';
import { PositiveDuration } from './params/fields.ts';
import { definePolicy } from './policy.ts';
import { defer, notApplicable } from './verdicts.ts';

const Params = z
  .strictObject({
    /** Counted from when the request was made. */
    wait: PositiveDuration,
    giveUpAfter: PositiveDuration.default('30d'),
  })
  .refine(({ wait, giveUpAfter }) => durationMs(wait) < durationMs(giveUpAfter), {
    path: ['wait'],
    message: 'not shorter than giveUpAfter: every request would be given up',
  });

/** Nobody joins in a hurry: a request waits for a while before anybody is asked. */
export const coolingOff = definePolicy({
  id: 'cooling-off',
  version: '1.0.0',
  title: 'Cooling-off period',
  params: Params,
  facts: [],
  kind: 'pure',
  evaluate(_request, { params: { wait, giveUpAfter }, purpose, requestedAt, now }) {
    if (purpose === 'extend') return notApplicable('the member is there already');
    const until = new Date(requestedAt.getTime() + durationMs(wait));
    if (now >= until) return notApplicable(`the request is older than ${wait}`);
    return defer(until, giveUpAfter, `every request waits for ${wait} first`);
  },
});
