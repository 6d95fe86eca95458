import type { Rule } from './config-schema.ts';

/** Who hears of what where nothing else is said: whoever has to act, and of the outcome everybody who had part in it. */
export function usualRules(by: string): Rule[] {
  const everybody: Rule['to'] = ['requester', 'member', 'reviewers', 'approvers'];
  return [
    { when: ['pending', 'remind', 'escalated', 'amended', 'onboardingReview'], to: ['approvers'], by },
    { when: ['inputNeeded', 'changesRequested'], to: ['requester'], by },
    { when: ['termEnds', 'onboardingWaits', 'onboardingEnded'], to: ['requester', 'member'], by },
    { when: ['onboardingInput'], to: ['member'], by },
    { when: ['joined', 'alreadyMember', 'denied', 'expired', 'withdrawn'], to: everybody, by },
    { when: ['revoked', 'extended', 'notExtended'], to: everybody, by },
    { when: ['failed', 'overridden'], to: [...everybody, 'operators'], by },
    { when: ['incident', 'onboardingIncident'], to: ['operators'], by },
  ];
}
