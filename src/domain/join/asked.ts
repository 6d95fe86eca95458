/** Asking to join: the same request again is told how it stands, another one is refused. */
import { parseJoinCommand } from '../commands.ts';
import type { Refusal } from '../refusal.ts';
import type { JoinRequest } from '../request.ts';
import { answerFor, type Answer } from '../view.ts';
import { openOf } from './notes.ts';
import { viewOf } from './project.ts';
import type { State } from './state.ts';

/** The first answer is there. */
export function isSettled(state: State): boolean {
  return ['pending', 'incident', 'active', 'closed'].includes(viewOf(state).state);
}

export function answerTo(input: unknown, state: State): Answer | Refusal {
  const view = viewOf(state);
  const { error } = view;
  if (error?.type === 'Unauthenticated') return { ...error, code: 'Unauthenticated' };
  const parsed = parseJoinCommand(input);
  return { ...answerFor(view), ...(parsed.ok ? notTaken(parsed.value.request, view.request) : {}) };
}

export function otherRequest(input: unknown, state: State): Refusal | undefined {
  const { request } = openOf(state);
  const parsed = parseJoinCommand(input);
  if (!parsed.ok) {
    const [issue] = parsed.issues;
    return { code: 'InvalidRequest', message: issue?.message ?? 'not a request', ...issue };
  }
  const asked = parsed.value.request;
  const other = (['channelArn', 'memberArn', 'requestedBy'] as const).find((name) => asked[name] !== request[name]);
  if (other) {
    const message = `This workflow is about another request: ${other} differs.`;
    return { code: 'InvalidRequest', message, field: other, accepted: String(request[other]) };
  }
  if (asked.type === request.type) return undefined;
  return {
    code: 'OtherTypeOpen',
    message: `A request for a ${request.type} membership of the same member is open: let it end, amend or withdraw it, first.`,
    field: 'type',
    accepted: request.type,
  };
}

/** In what an open request is another than what is asked now. */
export function notTaken(asked: JoinRequest, request: JoinRequest): Pick<Answer, 'notTaken'> {
  const fields = (['reason', 'term', 'subChannelId', 'chimeBearer'] as const).filter(
    (name) => asked[name] !== request[name],
  );
  return fields.length > 0 ? { notTaken: fields } : {};
}
