/** Amazon Chime SDK ARNs: `arn:aws:chime:REGION:ACCOUNT:app-instance/ID[/user|bot|channel/ID]` (chime.md §5). */

export type ArnKind = 'channel' | 'user' | 'bot';

export interface ChimeArn {
  readonly arn: string;
  readonly kind: ArnKind;
  /** The app instance that the channel, user or bot belongs to. */
  readonly appInstanceArn: string;
  readonly region: string;
  readonly id: string;
}

const PATTERN =
  /^(arn:aws[a-z-]{0,20}:chime:([a-z0-9-]{1,63}):\d{12}:app-instance\/[A-Za-z0-9-]{1,64})\/(channel|user|bot)\/([A-Za-z0-9](?:[A-Za-z0-9:\-_.@]{0,62}[A-Za-z0-9])?)$/;

/** What a good ARN looks like, for error messages. */
export function arnShape(kind: 'channel' | 'user|bot'): string {
  return `arn:aws:chime:REGION:ACCOUNT:app-instance/ID/${kind}/ID`;
}

export function parseArn(text: string): ChimeArn | undefined {
  const [arn, appInstanceArn, region, kind, id] = PATTERN.exec(text) ?? [];
  if (!arn || !appInstanceArn || !region || !kind || !id) return undefined;
  return { arn, kind: kind as ArnKind, appInstanceArn, region, id };
}

/** The short name of a person, bot or channel, as people say it: `alice`, `board`. */
export function shortName(arn: string): string {
  return parseArn(arn)?.id ?? arn;
}

export function isUser(arn: string): boolean {
  return parseArn(arn)?.kind === 'user';
}
