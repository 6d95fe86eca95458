import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { InputSchema } from '../domain/input-schema.ts';
import { bad, good, type AdmissionError, type Result } from '../service/result.ts';

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The fields that have a value. */
export function given<T extends object>(fields: T): Given<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<T>;
}

/** Fields of requests and commands, and the flags by which people give them. */
const FLAGS: Record<string, string> = {
  channelArn: '--channel',
  memberArn: '--member',
  member: '--member',
  type: '--type',
  requestedBy: '--as',
  chimeBearer: '--bearer',
  subChannelId: '--sub-channel',
  reason: '--reason',
  term: '--term',
  'actor.principal': '--as',
  comment: '--comment',
  requestDigest: '--digest',
  ticket: '--ticket',
  by: '--by',
  binding: '--binding',
  changed: '--changed',
  'changes.type': '--type',
  'changes.reason': '--reason',
  'changes.term': '--term',
  'changes.chimeBearer': '--bearer',
  'changes.subChannelId': '--sub-channel',
  'to.users': '--to-user',
  'to.roles': '--to-role',
  'to.expression': '--to-expression',
};

/** Tells people the flag that they typed beside the field that programs know. */
export function withFlag(error: AdmissionError): AdmissionError {
  const { field, message } = error;
  if (field === undefined) return error;
  // An item of a list is named by its place: to.users.0
  const flag = FLAGS[field] ?? FLAGS[field.replace(/\.\d+$/, '')] ?? paramFlag(field);
  if (flag === undefined) return error;
  const rest = message.startsWith(`${field}: `) ? message.slice(field.length + 2) : message;
  return { ...error, message: `${flag}: ${rest}` };
}

/** Of a param of an onboarding. */
function paramFlag(field: string): string | undefined {
  return field.startsWith('params.') ? `--param ${field.slice('params.'.length)}=…` : undefined;
}

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

/** The ways to give answers; one of them. */
export interface AnswerOptions {
  answer?: string[];
  answers?: string;
  answersFile?: string;
}

type Answers = Record<string, unknown>;

/** The answers that are meant. Whether they fit is for the request to say. */
export async function answersFrom(options: AnswerOptions, schema: InputSchema): Promise<Result<Answers>> {
  const { answer, answers, answersFile } = options;
  if ([answer, answers, answersFile].filter((one) => one !== undefined).length > 1) {
    return invalid('answers', 'answers are given in one way', '--answer, --answers or --answers-file');
  }
  if (answer) return fromFields(answer, schema);
  if (answersFile === undefined) return fromJson(answers ?? '', '--answers');
  const text = await readFile(answersFile, 'utf8').catch(() => undefined);
  if (text === undefined) return invalid('answers', `--answers-file: ${answersFile} cannot be read`, 'a file');
  return fromJson(text, '--answers-file');
}

function fromJson(text: string, flag: string): Result<Answers> {
  const parsed = parseJson(text);
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return good(parsed as Answers);
  return invalid('answers', `${flag}: this is no JSON object`, '{"field": "value"}');
}

function fromFields(fields: readonly string[], schema: InputSchema): Result<Answers> {
  const answers: Answers = {};
  for (const field of fields) {
    const [, name, text = ''] = /^([^=]+)=(.*)$/s.exec(field) ?? [];
    if (name === undefined) return invalid('answers', `--answer: ${field} names no field`, 'field=value');
    answers[name] = valueOf(text, typeOf(name, schema));
  }
  return good(answers);
}

/** A text as the field wants it: what is no text there is read as JSON, and left as it is where it is none. */
function valueOf(text: string, type: unknown): unknown {
  return type === undefined || type === 'string' ? text : (parseJson(text) ?? text);
}

function typeOf(name: string, { properties }: InputSchema): unknown {
  return (properties as Record<string, { type?: unknown } | undefined> | undefined)?.[name]?.type;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function invalid(field: string, message: string, accepted: string): Result<never> {
  return bad({ code: 'InvalidCall', field, message, accepted });
}
