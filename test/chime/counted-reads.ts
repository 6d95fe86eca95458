import type { FactReads } from '../../src/chime/facts.ts';
import type { Channel, Membership } from '../../src/domain/facts.ts';
import { RESTRICTED, user } from '../policies/fixtures.ts';

/** What is so in Chime: who holds which office, and who is a member or banned. ARNs, or short names of users. */
export interface World {
  readonly channel?: Channel;
  readonly admins?: readonly string[];
  readonly moderators?: readonly string[];
  readonly members?: Readonly<Record<string, Membership>>;
  readonly banned?: readonly string[];
}

const toArn = (name: string) => (name.startsWith('arn:') ? name : user(name));
const toName = (arn: string) => arn.slice(arn.lastIndexOf('/') + 1);

/** Reads a world that stands in memory, and notes every call in the order of the names. */
export function countedReads({
  channel = RESTRICTED,
  admins = [],
  moderators = [],
  members = {},
  banned = [],
}: World = {}) {
  const made: string[] = [];
  const note = async <T>(call: string, answer: T): Promise<T> => {
    made.push(call);
    await Promise.resolve();
    return answer;
  };
  const reads: FactReads = {
    channel: () => note('channel', { ...channel }),
    membership: (_scope, arn, sub) =>
      note(`membership ${toName(arn)}${sub ? ` in ${sub}` : ''}`, members[toName(arn)] ?? null),
    isModerator: (_scope, arn) => note(`isModerator ${toName(arn)}`, moderators.map(toArn).includes(arn)),
    isBanned: (_scope, arn) => note(`isBanned ${toName(arn)}`, banned.map(toArn).includes(arn)),
    moderators: () => note('moderators', moderators.map(toArn)),
    admins: () => note('admins', admins.map(toArn)),
  };
  /** The calls made since the last time it was asked. */
  return { reads, calls: () => made.splice(0).toSorted() };
}
