import { shortName } from '../domain/arn.ts';
import type { Answer, RequestView } from '../domain/view.ts';
import type { Write } from './stage.ts';

/** A line of a scene. */
export function row(label: string, text: string): string {
  return `   ${label.padEnd(9)} ${text}`;
}

export function asked({ id }: { id: string }, text: string): string {
  return row('asked', `${text}  (${id})`);
}

export function pending({ waitingFor, decisions }: Answer): string {
  const [first] = waitingFor;
  const policy = decisions.find(({ action }) => action === 'pend')?.policy;
  return row('pending', `by ${policy}: ${first?.text}`);
}

export function ended({ outcome, reason, error, invitedBy }: Answer | RequestView): string {
  const why = [
    ...(reason ? [`by ${reason.binding}, ${reason.code}: ${reason.message}`] : []),
    ...(error ? [`${error.type}: ${error.message}`] : []),
    ...(invitedBy ? [`InvitedBy ${shortName(invitedBy)}`] : []),
  ];
  return row(outcome ?? 'open', why.join('; '));
}

/** The calls that Chime received. */
export function received(writes: readonly Write[], operation = 'CreateChannelMembership'): string {
  const calls = writes.map(({ bearer, status }) => `${status || 'connection cut'} (as ${shortName(bearer)})`);
  return row('Chime', calls.length > 0 ? `${operation} ${calls.join(', ')}` : `no ${operation}`);
}
