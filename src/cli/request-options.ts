import type { Command } from 'commander';
import type { AdmissionError } from '../service/result.ts';

/** The options that make a request. */
export interface RequestOptions {
  channel: string;
  member: string;
  type?: string;
  as?: string;
  bearer?: string;
  subChannel?: string;
  reason?: string;
}

/** Gives a command the options that make a request. */
export function addRequestOptions(command: Command): Command {
  return command
    .requiredOption('--channel <arn>', 'the channel')
    .requiredOption('--member <arn>', 'the user or bot to add')
    .option('--type <type>', 'DEFAULT or HIDDEN (default: DEFAULT)')
    .option('--as <arn>', 'who asks (default: the member)')
    .option('--bearer <arn>', 'who makes the call: the requester or a service bearer')
    .option('--sub-channel <id>', 'the sub-channel, for moderators of an elastic channel');
}

const FLAGS: Record<string, string> = {
  channelArn: '--channel',
  memberArn: '--member',
  type: '--type',
  requestedBy: '--as',
  chimeBearer: '--bearer',
  subChannelId: '--sub-channel',
  reason: '--reason',
};

/** The fields of the request that is meant, unchecked; what was not given is left out. */
export function requestFields({ channel, member, type, as, bearer, subChannel, reason }: RequestOptions): object {
  const fields = { channelArn: channel, memberArn: member, type, requestedBy: as, chimeBearer: bearer, reason };
  const given = Object.entries({ ...fields, subChannelId: subChannel }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given);
}

/** Tells people the flag that they typed beside the field that programs know. */
export function withFlag(error: AdmissionError): AdmissionError {
  const flag = error.field ? FLAGS[error.field] : undefined;
  return flag ? { ...error, message: `${flag}: ${error.message}` } : error;
}
