import type { Told } from '../../domain/onboarding/advance.ts';
import type { OnboardingRecord } from '../../domain/onboarding/state.ts';

/** What a piece of work came to: how it changes the record, whatever that has become meanwhile. */
export type Change = (record: OnboardingRecord, at: number, told: Told[]) => OnboardingRecord;
