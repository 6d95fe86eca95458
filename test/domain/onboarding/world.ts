import type { OnboardingCommand, UncheckedCommand } from '../../../src/domain/onboarding/commands.ts';
import type { ChildView, News } from '../../../src/domain/onboarding/children.ts';
import type { CommandCall } from '../../../src/domain/checked.ts';
import type { Checked } from '../../../src/domain/onboarding/give.ts';
import type { Effect, Prepared } from '../../../src/domain/onboarding/effects.ts';
import type { State } from '../../../src/domain/onboarding/state.ts';
import type { Candidate } from '../../../src/domain/requirement.ts';
import type { Outcome } from '../support/life.ts';
import { ADA, iso, user } from '../../onboarding/support.ts';

/** Whoever may be a moderator of the channel. */
export const REVIEWERS = ['max', 'mel', 'mia', 'moe'].map(user);

/** A request as it is, whatever an onboarding believes. */
interface Request {
  readonly id: string;
  readonly step: string;
  readonly firstRunId: string;
  readonly heardBy: string;
  view: ChildView;
  isTakenBack: boolean;
}

export const DECISIONS = ['joined', 'joined', 'active', 'active', 'denied', 'alreadyMember', 'expired'] as const;
export type RequestDecision = (typeof DECISIONS)[number] | 'withdrawn';

const NO = { type: 'ForbiddenException', message: 'no' };
const LOST = { type: 'Unavailable', message: 'no answer' };

/** Requests, memberships and roles as they are. */
export function createOnboardingWorld(prepared: Prepared) {
  const requests: Request[] = [];
  const [made, removed, sent]: [string[], string[], string[]] = [[], [], []];
  let moderators: readonly string[] = REVIEWERS.slice(0, 3);
  let outage = 0;
  let digests = 0;

  const holders = (): Candidate[] => [
    ...moderators.map((arn) => ({ arn, roles: ['channel_moderator'], matched: [] })),
    { arn: ADA, roles: ['app_instance_admin'], matched: [] },
  ];
  const held = (arn: string): Candidate => holders().find((one) => one.arn === arn) ?? { arn, roles: [], matched: [] };
  /** The roles that were read last. */
  const known = new Map<string, readonly string[]>();
  const learn = (people: readonly Candidate[]) => {
    for (const { arn, roles } of people) known.set(arn, roles);
    return people;
  };
  const roster = () => {
    known.clear();
    return learn(holders());
  };
  const isPending = ({ view }: Request) => view.state === 'pending';

  /** A request gets its decision. What the onboarding hears of it. */
  function decide(request: Request, as: RequestDecision, at: number): News[] {
    const joined = as === 'joined' || as === 'active';
    if (joined) made.push(request.step);
    request.view = {
      state: as === 'active' ? 'active' : 'closed',
      outcome: as === 'active' ? null : as,
      ...(joined ? { grant: { type: 'DEFAULT', createdAt: iso(at) } } : {}),
    };
    const { id, step, firstRunId, view } = request;
    return [
      { what: 'changed', child: id, state: view.state },
      ...(view.state === 'closed' ? [{ what: 'ended', step, firstRunId, view } as const] : []),
    ];
  }

  return {
    requests,
    made,
    removed,
    sent,
    known,
    get moderators() {
      return moderators;
    },
    setModerators: (people: readonly string[]) => void (moderators = people),
    /** So many readings fail. */
    setOutage: (readings: number) => void (outage = readings),
    pending: () => requests.filter(isPending),
    decide,

    check(_state: State, given: UncheckedCommand, call: CommandCall | undefined): Checked {
      const { name, command } = given as OnboardingCommand;
      const { actor } = command;
      const { roles, matched } = call?.standing === null ? NOBODY : held(actor.principal);
      if (name === 'review') known.set(actor.principal, roles);
      const assertion = actor.assertion;
      return {
        verified: assertion !== undefined,
        roles,
        matched,
        command,
        requestDigest: '',
        ...(assertion === undefined ? {} : { assertion: { id: assertion, expiresAt: Number.MAX_SAFE_INTEGER } }),
      };
    },

    /** The outcome of an effect; `works`: where it can fail. */
    perform(effect: Effect, state: State, works = true): Outcome {
      const no = { error: NO, retryable: false };
      switch (effect.do) {
        case 'prepare':
          return works ? { value: prepared } : no;
        case 'startChild': {
          if (requests.some((one) => one.id === effect.id && isPending(one))) return { ...no, error: REQUEST_OPEN };
          const firstRunId = `request-${requests.length}`;
          const view = { state: 'pending', outcome: null } as const;
          requests.push({
            id: effect.id,
            step: effect.step,
            firstRunId,
            heardBy: state.runId,
            view,
            isTakenBack: false,
          });
          return { value: { firstRunId } };
        }
        case 'lookAtChild': {
          const found = requests.find(({ firstRunId }) => firstRunId === effect.firstRunId);
          return found ? { value: found.view } : no;
        }
        case 'withdrawChild': {
          const found = requests.findLast(({ id }) => id === effect.id);
          if (!found || !isPending(found)) return { value: 'unknown' };
          found.isTakenBack = true;
          return { value: 'asked' };
        }
        case 'sendMessage':
          if (works) sent.push(effect.messageId);
          return works ? { value: null } : no;
        case 'openReview':
          digests += 1;
          return works ? { value: { people: roster(), reviewDigest: `${digests}`.padStart(64, '0') } } : no;
        case 'readRoster':
        case 'confirmRoles': {
          outage -= 1;
          if (outage >= 0) return { error: LOST, retryable: true };
          return { value: effect.do === 'readRoster' ? roster() : learn(effect.of.map(held)) };
        }
        case 'removeGrant':
          if (works) removed.push(effect.step);
          return works ? { value: 'removed' } : no;
      }
    },
  };
}

const NOBODY = { roles: [], matched: [] };
const REQUEST_OPEN = { type: 'RequestOpen', message: 'open' };
