import type { Command } from 'commander';
import { given } from './given.ts';

/** The options that make a request. */
export interface RequestOptions {
  channel: string;
  member: string;
  type?: string;
  as?: string;
  bearer?: string;
  subChannel?: string;
  reason?: string;
  term?: string;
}

/** Gives a command the options that make a request. */
export function addRequestOptions(command: Command): Command {
  return addOtherOptions(
    command.requiredOption('--channel <arn>', 'the channel').requiredOption('--member <arn>', 'the user or bot to add'),
  );
}

/** The same, for a command that does without a request too. */
export function addOptionalRequest(command: Command): Command {
  return addOtherOptions(
    command.option('--channel <arn>', 'the channel').option('--member <arn>', 'the user or bot to add'),
  );
}

function addOtherOptions(command: Command): Command {
  return command
    .option('--type <type>', 'DEFAULT or HIDDEN (default: DEFAULT)')
    .option('--as <arn>', 'who asks (default: whom the signing key is for, else the member)')
    .option('--bearer <arn>', 'who makes the call: the requester or a service bearer')
    .option('--sub-channel <id>', 'the sub-channel, for moderators of an elastic channel')
    .option('--term <duration>', 'how long the membership lasts, such as 90d (default: as long as policies allow)')
    .option('--reason <text>', 'why, for the people who decide');
}

/** The options of a request that is judged and not made. */
export interface RehearsalOptions extends RequestOptions {
  set?: string;
  facts?: string;
  now?: string;
  askExternal?: boolean;
  /** A longer term is asked for: by whom, and whether the one that there is was decided. */
  extend?: boolean;
  askedBy?: string;
  termDecided?: boolean;
}

export function addRehearsalOptions(command: Command): Command {
  return command
    .option('--set <file>', 'the policy set (default: the one that a worker here would use)')
    .option('--facts <file>', 'facts to decide on, as YAML or JSON (default: those that Chime tells now)')
    .option('--now <time>', 'the time to decide at, in ISO 8601 (default: now)')
    .option('--ask-external', 'ask external policies too: they do I/O of their own');
}

/** The fields of the request that is meant, unchecked; what was not given is left out. */
export function requestFields({ channel, member, type, as, bearer, subChannel, reason, term }: RequestOptions): object {
  return given({
    channelArn: channel,
    memberArn: member,
    type,
    requestedBy: as,
    chimeBearer: bearer,
    reason,
    subChannelId: subChannel,
    term,
  });
}
