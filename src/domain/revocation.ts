import type { CommandOf } from './commands.ts';
import type { Refusal } from './refusal.ts';
import type { JoinRequest } from './request.ts';

/** The workflow that ends a membership whose request has closed, and the update that starts it. */
export const REVOCATION_TYPE = 'revokeMembership';
export const REQUEST_REVOCATION = 'requestRevocation';

export interface RevocationCommand {
  /** Whose membership: the workflow id of a request, and the run that made it. */
  readonly target: { readonly id: string; readonly runId: string };
  readonly command: CommandOf<'revoke'>;
}

/** Why somebody may not end a membership; `roles`: what they hold on the channel. */
export function mayNotEnd(
  principal: string,
  { requestedBy, memberArn }: JoinRequest,
  roles: readonly string[],
): Refusal | undefined {
  return [requestedBy, memberArn].includes(principal) || roles.length > 0 ? undefined : NOT_YOURS;
}

const NOT_YOURS: Refusal = {
  code: 'NotYours',
  message: 'Only the requester, the member, a moderator or an admin may end this membership.',
  field: 'actor.principal',
};
