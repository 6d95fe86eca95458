import { parseArn } from './arn.ts';
import type { FieldIssue, JoinRequest } from './request.ts';

/** The service bearer of a channel's app instance: it reads facts, and executes where nobody else may. */
export function serviceBearerFor(channelArn: string, bearers: readonly string[]): string | undefined {
  const home = parseArn(channelArn)?.appInstanceArn;
  return bearers.find((arn) => parseArn(arn)?.appInstanceArn === home);
}

/**
 * What is wrong about who executes. A request may name as bearer only who asks, or a service bearer: nobody acts in the
 * name of a third person.
 */
export function bearerIssue(request: JoinRequest, bearers: readonly string[]): FieldIssue | undefined {
  const { channelArn, chimeBearer, requestedBy } = request;
  if (!serviceBearerFor(channelArn, bearers)) {
    const homes = new Set(bearers.map((arn) => parseArn(arn)?.appInstanceArn));
    return {
      field: 'channelArn',
      message: `there is no service bearer for ${parseArn(channelArn)?.appInstanceArn}`,
      accepted: `a channel of ${[...homes].join(' or ')} (ADMISSION_BEARERS)`,
    };
  }
  if (!chimeBearer || chimeBearer === requestedBy || bearers.includes(chimeBearer)) return undefined;
  return {
    field: 'chimeBearer',
    message: `${chimeBearer} is neither the requester nor a service bearer`,
    accepted: `the requester ${requestedBy}, or a service bearer of ADMISSION_BEARERS`,
  };
}
