import { parseJoinRequest } from '../../../domain/request.ts';
import type { JoinRequest } from '../../../domain/request.ts';
import { bad, good } from '../../../service/result.ts';
import type { Result } from '../../../service/result.ts';

/** The options that make a request. */
export interface RequestOptions {
  channel: string;
  member: string;
  type?: string;
  as?: string;
  bearer?: string;
  subChannel?: string;
}

/** The request that is meant; an error names the flag beside the field. */
export function requestOf({ channel, member, type, as, bearer, subChannel }: RequestOptions): Result<JoinRequest> {
  const fields = { channelArn: channel, memberArn: member, type, requestedBy: as, chimeBearer: bearer };
  const given = Object.entries({ ...fields, subChannelId: subChannel }).filter(([, value]) => value !== undefined);
  const parsed = parseJoinRequest(Object.fromEntries(given));
  if (parsed.ok) return good(parsed.value);
  const [issue] = parsed.issues;
  const flag = FLAGS[issue?.field ?? ''] ?? 'request';
  return bad({ code: 'InvalidRequest', ...issue, message: `${flag}: ${issue?.message ?? 'this is not a request'}` });
}

const FLAGS: Record<string, string> = {
  channelArn: '--channel',
  memberArn: '--member',
  type: '--type',
  requestedBy: '--as',
  chimeBearer: '--bearer',
  subChannelId: '--sub-channel',
};
