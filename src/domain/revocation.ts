import { z } from 'zod';
import { boundsIssue } from './bounds.ts';
import { COMMANDS } from './commands.ts';
import type { CommandOf } from './commands.ts';
import type { Refusal } from './refusal.ts';
import type { JoinRequest } from './request.ts';

/** The workflow that ends a membership whose request has closed, and the update that starts it. */
export const REVOCATION_TYPE = 'revokeMembership';
export const REQUEST_REVOCATION = 'requestRevocation';

/** Whose membership: the workflow id of a request, and the run that made it. */
const Target = z.strictObject({ id: z.string().min(1).max(1_000), runId: z.string().min(1).max(100) });

export interface RevocationCommand {
  readonly target: z.output<typeof Target>;
  readonly command: CommandOf<'revoke'>;
}

/** Checks a revocation of unknown origin: the command `revoke`, and beside it `target`. */
export function parseRevocation(input: unknown): RevocationCommand | Refusal {
  const odd = boundsIssue(input, 'revocation');
  if (odd) return { code: 'InvalidCommand', ...odd };
  const { target, ...rest } = Object(input) as { target?: unknown };
  const [at, command] = [Target.safeParse(target), COMMANDS.revoke.schema.safeParse(rest)];
  if (at.success && command.success) return { target: at.data, command: command.data };
  const issue = (at.error ?? command.error)?.issues[0];
  const field = at.success ? issue?.path.join('.') || 'revocation' : 'target';
  return { code: 'InvalidCommand', field, message: `${field}: ${issue?.message ?? 'not valid'}`, accepted: ACCEPTED };
}

const ACCEPTED = `target: { id, runId } of a closed request, ${COMMANDS.revoke.accepted}`;

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
