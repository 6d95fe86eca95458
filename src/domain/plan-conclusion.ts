import type { Decision } from './admission.ts';
import { openPanel } from './approval/change.ts';
import { isoOf } from './approval/counting.ts';
import { peopleOf, type Conclusion } from './conclusion.ts';
import { durationMs } from './duration.ts';
import { parties, type JoinRequest } from './request.ts';
import { newView, type RequestView } from './view.ts';

/** What is known of a request that nobody has made, but that has been judged. */
export interface Judged {
  readonly request: JoinRequest;
  readonly decisions: readonly Decision[];
  readonly conclusion: Conclusion;
  /** In ms since 1970. */
  readonly now: number;
  readonly expireAfterMs: number;
}

/** How a request would stand right after it was made. */
export function imagined({ request, decisions, conclusion, now, expireAfterMs }: Judged): RequestView {
  const { composition, facts } = conclusion;
  return {
    ...newView({ id: '', runId: '', request, requestedAt: isoOf(now) }),
    decisions,
    judgedAt: isoOf(now),
    composition,
    facts,
    ...standing(request, conclusion, now, isoOf(now + expireAfterMs)),
  };
}

type Standing = Pick<RequestView, 'state'> & Partial<RequestView>;

function standing(
  request: JoinRequest,
  { composition, facts, executor }: Conclusion,
  now: number,
  expiresAt: string,
): Standing {
  switch (composition.action) {
    case 'deny':
      return { state: 'closed', outcome: 'denied', reason: composition.reason };
    case 'alreadyMember':
      return { state: 'closed', outcome: 'alreadyMember' };
    case 'admit':
      return { state: 'granting', ...(executor === null ? {} : { bearer: executor }) };
    case 'ask': {
      const inputs = composition.inputs.map((one) => ({ ...one, dueAt: isoOf(now + durationMs(one.expiresIn)) }));
      return { state: 'pending', waitsFor: 'input', inputs, expiresAt };
    }
    case 'defer':
      return { state: 'pending', waitsFor: 'time', deferredUntil: composition.until, expiresAt };
    case 'pend': {
      const { panel } = openPanel({
        requirements: composition.requirements,
        people: facts.approvers ? peopleOf(facts.approvers.value) : [],
        excluded: parties(request),
        requestDigest: '',
        at: now,
        dueAt: Date.parse(expiresAt),
      });
      return { state: 'pending', waitsFor: 'people', panel, expiresAt };
    }
  }
}
