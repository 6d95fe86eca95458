import { readingOf, resume } from '../../../src/domain/approval/host.ts';
import type { ApprovalEffect, Caller, Moved, Read } from '../../../src/domain/approval/host.ts';
import type { Candidate } from '../../../src/domain/requirement.ts';
import { everybody, mona, START } from './kit.ts';

/** What people hold now: what a reading comes to. */
export type World = ReadonlyMap<string, Candidate>;

export const worldOf = (people: readonly Candidate[]): World => new Map(people.map((one) => [one.arn, one]));
export const usual = worldOf(everybody);
const nobody = (arn: string): Candidate => ({ arn, roles: [], matched: [] });
export const outage = (retryable = true): Read => ({
  kind: 'failed',
  error: { type: 'ChimeUnavailable', message: 'it is away' },
  retryable,
});

export function readIn(world: World): (effect: ApprovalEffect) => Read & { kind: 'result' } {
  return (effect) => {
    const value =
      effect.do === 'readRoster' ? [...world.values()] : effect.of.map((arn) => world.get(arn) ?? nobody(arn));
    return { kind: 'result', value };
  };
}

/** Everything that follows, where each reading comes to what `read` says. */
export function settled(first: Moved, read: (effect: ApprovalEffect) => Read): Moved & { readings: ApprovalEffect[] } {
  let moved = first;
  const readings: ApprovalEffect[] = [];
  while (moved.kind === 'reading') {
    const effect = readingOf(moved.approval)!;
    readings.push(effect);
    const next = resume(moved.approval, read(effect));
    const before = moved;
    moved = {
      ...next,
      notes: [...before.notes, ...next.notes],
      taken: [...before.taken, ...next.taken],
      refused: [...before.refused, ...next.refused],
    };
  }
  return { ...moved, readings };
}

export const caller = (replyTo = '1.1', by = mona): Caller => ({
  replyTo,
  by: { by: by.arn, at: new Date(START).toISOString(), verified: true },
});
