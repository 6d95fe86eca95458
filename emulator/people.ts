import { parseArn, wrongKind } from './arns.ts';
import type { BearerCall } from './call.ts';
import { absent, forbidden, type Failure } from './failure.ts';
import type { AppInstance } from './state.ts';

/** Refuses a member, moderator or ban target that is no existing user or bot of the bearer's app instance. */
export function strangerRefusal(call: BearerCall, member: string, arn: string): Failure | undefined {
  const kind = wrongKind(member, arn, ['user', 'bot']);
  if (kind) return kind;
  if (parseArn(arn)?.instance !== call.instance.arn) {
    return forbidden(`${arn} belongs to another app instance than ${call.bearer}`);
  }
  return call.instance.people.has(arn) ? undefined : absent(call.operation, `${arn} does not exist`);
}

/** Deletes a user or bot with all it had: memberships, moderator and admin roles, bans. */
export function forgetPerson(instance: AppInstance, arn: string): void {
  instance.people.delete(arn);
  instance.admins.delete(arn);
  for (const channel of instance.channels.values()) {
    channel.moderators.delete(arn);
    channel.bans.delete(arn);
    for (const [key, membership] of channel.memberships) {
      if (membership.arn === arn) channel.memberships.delete(key);
    }
  }
}
