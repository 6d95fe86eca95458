import type { ChimeReads } from '../chime/reads.ts';
import { shortName } from '../domain/arn.ts';
import type { State } from '../domain/outcome.ts';
import type { RequestView, Answer } from '../domain/view.ts';
import type { AdmissionService } from '../service/admission-service.ts';
import type { Result } from '../service/result.ts';
import type { LocalStack } from '../stack/local-stack.ts';

/** What did not go as it should. */
class DemoFailure extends Error {
  override readonly name = 'DemoFailure';
}

/** What a scene plays on: the admission system, and the emulator behind it. */
export interface Stage {
  readonly service: AdmissionService;
  user(id: string): string;
  channel(id: string): string;
  /** Orders faults for the next calls of CreateChannelMembership for a member. */
  fault(memberArn: string, fault: object, count: number): Promise<void>;
  /** The calls that the emulator received for a member of a channel; of CreateChannelMembership, if nothing else is said. */
  writes(channelArn: string, memberArn: string, operation?: string): Promise<Write[]>;
  /** The members of a channel, as a moderator lists them. */
  members(channelArn: string, type: 'DEFAULT' | 'HIDDEN'): Promise<string[]>;
}

export interface Write {
  readonly bearer: string;
  /** 0: the connection was cut before an answer. */
  readonly status: number;
}

export function createStage(stack: LocalStack, service: AdmissionService, reads: ChimeReads): Stage {
  const user = (id: string) => stack.users[id] ?? fail(`the seed knows no user ${id}`);
  const control = `${stack.emulator.url}/_emulator`;
  return {
    service,
    user,
    channel: (id) => `${stack.appInstanceArn}/channel/${id}`,
    async fault(memberArn, fault, count) {
      const body = JSON.stringify({ operation: 'CreateChannelMembership', memberArn, count, fault });
      const answer = await fetch(`${control}/faults`, { method: 'POST', body });
      check(answer.ok, `the emulator takes the fault ${body}`);
    },
    async writes(channelArn, memberArn, operation = 'CreateChannelMembership') {
      const answer = await fetch(`${control}/calls?operation=${operation}`);
      const calls = (await answer.json()) as (Write & { memberArn?: string; channelArn?: string })[];
      return calls.filter((call) => call.memberArn === memberArn && call.channelArn === channelArn);
    },
    async members(channelArn, type) {
      return (await reads.members({ channelArn, bearer: user('mona') }, type)).map(shortName);
    },
  };
}

/** Every scene proves what it shows. */
export function check(holds: boolean, expectation: string): void {
  if (!holds) fail(`this should hold, and does not: ${expectation}`);
}

export function valueOf<T>(result: Result<T>): T {
  return result.ok ? result.value : fail(`${result.error.code}: ${result.error.message}`);
}

/** A request once it is in this state. */
export async function until({ service }: Stage, id: string, state: State): Promise<RequestView> {
  const giveUpAt = Date.now() + 10_000;
  for (;;) {
    const view = valueOf(await service.show(id));
    if (view.state === state) return view;
    check(Date.now() < giveUpAt, `the request is ${state} within 10 s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function fail(message: string): never {
  throw new DemoFailure(message);
}

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
