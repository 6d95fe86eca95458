import { badRequest, type Failure } from './failure.ts';

const region = 'us-east-1';
const account = '111122223333';

export type ArnKind = 'user' | 'bot' | 'channel';

/** The ARN of an app instance. */
export function instanceArn(id: string): string {
  return `arn:aws:chime:${region}:${account}:app-instance/${id}`;
}

/** The ARN of a user, bot or channel of an app instance. */
export function childArn(instance: string, kind: ArnKind, id: string): string {
  return `${instance}/${kind}/${id}`;
}

/** The last part of an ARN. */
export function idOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

/** The app instance part of a user's, bot's or channel's ARN, and its kind. */
export function parseArn(arn: string): { instance: string; kind: ArnKind } | undefined {
  const match = /^(arn:[^/]+:app-instance\/[^/]+)\/(user|bot|channel)\/[^/]+$/.exec(arn);
  const [, instance, kind] = match ?? [];
  return instance === undefined || kind === undefined ? undefined : { instance, kind: kind as ArnKind };
}

/** Refuses an ARN of the wrong kind, which the models' patterns let through. */
export function wrongKind(member: string, arn: string, kinds: readonly ArnKind[]): Failure | undefined {
  const kind = parseArn(arn)?.kind;
  return kind !== undefined && kinds.includes(kind)
    ? undefined
    : badRequest(`Value at '${member}' must be the ARN of a ${kinds.join(' or ')} of an app instance`);
}
