import { z } from 'zod';
import { durationMs } from '../domain/duration.ts';
import { PositiveDuration } from '../schemas/fields.ts';
import { definePolicy } from './policy.ts';
import { deny, notApplicable } from './verdicts.ts';

const Params = z.strictObject({
  /** The longest membership, counted from when it began. */
  max: PositiveDuration,
  /** So long before its end people are reminded. */
  remind: z.array(PositiveDuration).max(10).default(['7d', '1d']),
  /** Whether a request has to name a term. Where it does not, it gets the longest. */
  required: z.boolean().default(false),
});

/** Memberships end by themselves, after `max` at the latest; extensions included. */
export const term = definePolicy({
  id: 'term',
  version: '1.0.0',
  title: 'Term of membership',
  params: Params,
  facts: [],
  kind: 'pure',
  evaluate(request, { params: { max, remind, required } }) {
    const field = 'term';
    if (request.term === undefined && required) {
      return deny('TERM_REQUIRED', `Say for how long: a membership may last at most ${max} here.`, { field });
    }
    if (request.term !== undefined && durationMs(request.term) > durationMs(max)) {
      return deny('TERM_TOO_LONG', `A membership may last at most ${max} here.`, { field });
    }
    return notApplicable(`a membership ends after ${max} at the latest`, { term: { max, remind } });
  },
});
