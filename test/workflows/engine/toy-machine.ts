import type { Deadline, Machine, Outgoing } from '../../../src/domain/engine.ts';
import type { Refusal } from '../../../src/domain/refusal.ts';
import type {
  Toy,
  ToyAnswer,
  ToyChecked,
  ToyCommand,
  ToyEffect,
  ToyEvent,
  ToyNews,
  ToyStep,
  ToyValues,
} from './toy-types.ts';

const refusal = (code: Refusal['code'], message: string): Refusal => ({ code, message });
const RESOLVED = refusal('AlreadyResolved', 'It is over.');
const answer = (to: string | undefined, given: ToyAnswer | Refusal) =>
  to === undefined ? [] : [{ to, answer: given }];

function close(state: Toy, outcome: string, to?: string): ToyStep {
  const { asking, odd: _odd, looks: _looks, ...rest } = state;
  const pending = answer(asking?.to, RESOLVED);
  const closed = noted({ ...rest, state: 'closed', outcome }, outcome);
  return { ...closed, answers: [...answer(to, { state: 'closed' }), ...pending] };
}

/** With an event that people are told of, where they are. */
function noted(state: Toy, kind: string): ToyStep {
  if (!state.input.notify) return { state };
  const told = state.told + 1;
  const event = { id: `${state.id}/toy/${told}`, kind, request: { channelArn: 'toy' } };
  const outgoing = [
    { to: 'people', event },
    { to: 'parent', progress: { id: state.id, state: kind, outcome: null } },
  ];
  return { state: { ...state, told }, outgoing: outgoing as unknown as Outgoing[] };
}

function granting(state: Toy, by: readonly string[]): Toy {
  const { asking: _asking, ...rest } = state;
  return { ...rest, state: 'granting', begun: false, by };
}

function onCommand(state: Toy, id: string, command: ToyCommand, now: number): ToyStep {
  switch (command.name) {
    case 'withdraw':
      return close(state, 'withdrawn', id);
    case 'review': {
      if (state.state !== 'waiting') return { state, answers: answer(id, RESOLVED) };
      if (command.decision === 'deny') return close(state, 'denied', id);
      const by = [...state.by, command.by];
      if (by.length < state.input.need) return { state: { ...state, by }, answers: answer(id, { state: 'waiting' }) };
      return { state: granting(state, by), answers: answer(id, { state: 'granting' }) };
    }
    case 'amend': {
      const asking = { lane: 'quick', step: 'admit', to: id } as const;
      return { state: { ...state, asking, evaluations: state.evaluations + 1 } };
    }
    case 'retry':
      return {
        state: { ...granting(state, ['op']), tries: state.tries + 1 },
        answers: answer(id, { state: 'granting' }),
      };
    case 'revoke':
      if (state.state !== 'active') return { state, answers: answer(id, refusal('NotActive', state.state)) };
      return { state: { ...state, state: 'removing' }, answers: answer(id, { state: 'removing' }) };
    case 'odd':
      return { state: { ...state, odd: { which: command.which, lane: command.lane, to: id } } };
    case 'look':
      return { state: { ...state, looks: { lane: 'quick', to: id } } };
    case 'break':
      if (command.fault === 'transition') throw new TypeError('broken in transition');
      return { state: { ...state, fault: `${command.fault} ${now}` }, answers: answer(id, { state: 'broken' }) };
  }
}

function onResult(state: Toy, event: ToyEvent & { kind: 'result' }, now: number): ToyStep {
  switch (event.effect.do) {
    case 'evaluate': {
      const { action } = event.value as ToyValues['evaluate'];
      if (action === 'external')
        return { state: { ...state, asking: { ...state.asking, lane: 'patient', step: 'external' } } };
      return action === 'admit' && state.state === 'evaluating'
        ? { state: granting(state, []), answers: answer(state.asking?.to, { state: 'granting' }) }
        : waiting(state, now);
    }
    case 'external':
      return waiting(state, now);
    case 'grant': {
      if (state.state !== 'granting') throw new Error('a write without its state');
      const { begun: _begun, cancelled, by: _by, ...rest } = state;
      if (!state.input.stays) return close(state, 'joined');
      return { state: { ...rest, state: cancelled ? 'removing' : 'active' } };
    }
    case 'remove':
      return close(state, 'revoked');
    case 'look': {
      const { looks, ...rest } = state;
      const { is } = event.value as ToyValues['look'];
      if (is === 'gone') return close(rest, 'left', looks?.to);
      return { state: { ...rest, looked: state.looked + 1 }, answers: answer(looks?.to, { state: 'there' }) };
    }
    case 'odd':
      return { state };
  }
}

function waiting(state: Toy, now: number): ToyStep {
  const { asking, ...rest } = state;
  const answers = answer(asking?.to, { state: 'waiting' });
  if (rest.state === 'waiting') return { state: rest, answers };
  const { forMs } = state.input;
  const next: Toy = { ...rest, state: 'waiting', by: [], remindAt: now + forMs / 2, dueAt: now + forMs };
  return { ...noted(next, 'pending'), answers };
}

function onFailed(state: Toy, event: ToyEvent & { kind: 'failed' }, now: number): ToyStep {
  const { type } = event.error;
  switch (event.effect.do) {
    case 'evaluate':
    case 'external': {
      const { asking, ...rest } = state;
      if (event.retryable && event.effect.lane === 'quick')
        return { state: { ...state, asking: { step: 'admit', ...asking, lane: 'patient' } } };
      if (state.state === 'evaluating') return close(state, 'failed');
      return { state: rest, answers: answer(asking?.to, refusal('Unavailable', type)) };
    }
    case 'look': {
      const { looks, ...rest } = state;
      if (looks?.lane === 'quick') return { state: { ...state, looks: { ...looks, lane: 'firm' } } };
      return { state: rest, answers: answer(looks?.to, refusal('Unavailable', type)) };
    }
    case 'odd': {
      const { odd, ...rest } = state;
      return { state: rest, answers: answer(odd?.to, { state: state.state, error: type }) };
    }
    case 'grant':
    case 'remove':
      return incident(state, now);
  }
}

function incident(state: Toy, now: number): ToyStep {
  const { asking, odd, looks: _looks, fault: _fault, ...rest } = state;
  const failed = refusal('Unavailable', 'It has an incident.');
  const held: Toy = { ...rest, state: 'incident', dueAt: now + state.input.forMs };
  return { ...noted(held, 'incident'), answers: [...answer(asking?.to, failed), ...answer(odd?.to, failed)] };
}

function onTime(state: Toy, now: number): ToyStep {
  if (state.state === 'waiting' && state.remindAt !== undefined && state.remindAt <= now) {
    const { remindAt: _remindAt, ...rest } = state;
    return noted(rest, 'remind');
  }
  // What nobody decided in time counts as approved, or has no deadline any more: as far as a toy goes.
  if (state.state === 'waiting' && state.dueAt <= now) return { state: granting(state, state.by) };
  if (state.state === 'incident' && state.dueAt <= now) return close(state, 'failed');
  return { state };
}

function step(state: Toy, event: ToyEvent, now: number): ToyStep {
  switch (event.kind) {
    case 'command':
      return onCommand(state, event.id, event.command, now);
    case 'result':
      return onResult(state, event, now);
    case 'failed':
      return onFailed(state, event, now);
    case 'started':
      return { state: state.state === 'granting' ? { ...state, begun: true } : state };
    case 'time':
      return onTime(state, now);
    case 'cancelled':
      if (state.state === 'granting' && state.begun) return { state: { ...state, cancelled: true } };
      if (state.state === 'active') return { state: { ...state, state: 'removing' } };
      return state.state === 'removing' ? { state } : close(state, 'withdrawn');
    case 'broken':
      if (state.fault?.startsWith('twice')) throw new Error('broken in broken');
      return state.state === 'incident' ? close(state, 'failed') : incident(state, now);
    case 'news':
      return { state };
  }
}

const worthALine = (event: ToyEvent): string => {
  if (event.kind === 'command') return event.command.name;
  return event.kind === 'result' || event.kind === 'failed' ? `${event.kind} ${event.effect.do}` : event.kind;
};

export const toyMachine: Machine<Toy, ToyCommand, ToyEffect, ToyValues, ToyCommand, ToyChecked, ToyAnswer, ToyNews> = {
  transition(state, event, now) {
    if (state.state === 'closed') return { state };
    const said = event.kind === 'news' ? event.news.said : worthALine(event);
    const next = step(state, event, now);
    return { ...next, state: { ...next.state, log: [...next.state.log, said].slice(-40) } };
  },
  next(state) {
    if (state.fault?.startsWith('next')) throw new RangeError('broken in next');
    const { asking, odd, looks, evaluations, tries } = state;
    if (state.state === 'granting') return { do: 'grant', key: `grant ${tries}`, lane: 'patient', stop: 'wait', tries };
    if (state.state === 'removing') return { do: 'remove', key: 'remove', lane: 'patient', stop: 'wait', tries };
    if (odd) return { do: 'odd', key: `odd ${odd.which} ${odd.lane}`, lane: odd.lane, stop: 'drop', which: odd.which };
    if (looks) return { do: 'look', key: `look ${looks.to}`, lane: looks.lane, stop: 'drop' };
    if (!asking) return undefined;
    const act = asking.step === 'external' ? 'external' : 'evaluate';
    return { do: act, key: `${act} ${evaluations}`, lane: asking.lane, stop: 'drop' };
  },
  deadline(state): Deadline | undefined {
    if (state.fault?.startsWith('deadline')) throw new Error('broken in deadline');
    if (state.fault?.startsWith('stuck')) return { at: 1, what: 'never over' };
    if (state.state === 'waiting')
      return { at: state.remindAt ?? state.dueAt, what: state.remindAt ? 'Remind' : 'Over' };
    return state.state === 'incident' ? { at: state.dueAt, what: 'Give up' } : undefined;
  },
  refuse(state, { name }) {
    if (state.state === 'closed') return RESOLVED;
    if (name === 'withdraw')
      return ['granting', 'active', 'removing'].includes(state.state) ? refusal('NotPending', state.state) : undefined;
    if (name === 'retry') return state.state === 'incident' ? undefined : refusal('NoIncident', state.state);
    if (name === 'review' || name === 'amend')
      return state.state === 'waiting' ? undefined : refusal('NotPending', state.state);
    return name === 'odd' && state.state !== 'waiting' ? refusal('NotPending', state.state) : undefined;
  },
  rank(state, command) {
    if (state.fault?.startsWith('rank') && command.name === 'amend') throw new Error('broken in rank');
    if (command.name === 'withdraw' || command.name === 'revoke') return 0;
    if (command.name === 'review' && command.decision === 'deny') return state.asking ? undefined : 0;
    return state.asking ? undefined : 2;
  },
  call: (_state, command) => command,
  continues: ({ state, asking, odd, looks }) =>
    ['waiting', 'active', 'incident'].includes(state) && !asking && !odd && !looks,
  isClosed: ({ state }) => state === 'closed',
};
