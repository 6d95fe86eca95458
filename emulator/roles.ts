import { membershipsOf, type AppInstance, type Channel } from './state.ts';

export function isAdmin(instance: AppInstance, arn: string): boolean {
  return instance.admins.has(arn);
}

export function isModerator(channel: Channel, arn: string): boolean {
  return channel.moderators.has(arn);
}

export function isMember(channel: Channel, arn: string): boolean {
  return membershipsOf(channel, arn).length > 0;
}

/** Admins and moderators hold their powers without being members. */
export function isStaff(instance: AppInstance, channel: Channel, arn: string): boolean {
  return isAdmin(instance, arn) || isModerator(channel, arn);
}
