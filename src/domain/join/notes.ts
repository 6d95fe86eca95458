import { everAsked, reviewersNow } from '../approval/views.ts';
import type { Panel, PanelNote } from '../approval/panel.ts';
import { endOfStages } from '../deadlines.ts';
import type { CommandId, Outgoing, Step } from '../engine.ts';
import type { CommandResult } from '../commands.ts';
import type { NotificationEvent, NotificationKind } from '../notification.ts';
import { OUTCOMES } from '../outcome.ts';
import type { Refusal } from '../refusal.ts';
import { answerFor, isConfidential, type Note, type RequestView } from '../view.ts';
import { viewOf } from './project.ts';
import type { Seen } from './presence.ts';
import type { Common, Open, State } from './state.ts';

export type JoinAnswer = CommandResult | Seen;
export type JoinStep = Step<State, JoinAnswer>;

/** The event's own words, besides where the request stands. `panel`: who was asked about something that is decided now. */
type More = Pick<NotificationEvent, 'dueAt' | 'code' | 'message'> & {
  readonly panel?: Panel | undefined;
  /** The stage that it is about, where it is not about all that are open. */
  readonly place?: Pick<PanelNote, 'binding' | 'stage'>;
};

/** Lets people hear of something, where anybody is to be told. */
export function tell(step: JoinStep, kind: NotificationKind, now: number, more: More = {}): JoinStep {
  const open = openOf(step.state);
  if (open.judged?.context.settings.notify !== true) return step;
  const told = open.memory.told + 1;
  const state = withCommon(step.state, { memory: { ...open.memory, told } });
  const event = { ...eventOf(kind, viewOf(state), more), id: `${open.id}/${open.firstRunId}/${told}`, at: isoOf(now) };
  return send({ ...step, state }, { to: 'people', event });
}

export function tellAll(step: JoinStep, notes: readonly PanelNote[], now: number): JoinStep {
  return notes.reduce((before, { kind, binding, stage }) => {
    const told = KINDS[kind];
    const place = { binding, stage };
    return told ? tell(before, told, now, { message: `${binding}, stage ${stage}`, place }) : before;
  }, step);
}

const KINDS: { readonly [K in PanelNote['kind']]?: NotificationKind } = {
  remind: 'remind',
  escalate: 'escalated',
  stage: 'pending',
};

/** Lets whoever started this request, an onboarding as a rule, know that there is something to look at. */
export function tellParent(step: JoinStep): JoinStep {
  const { id, state, outcome, grant } = viewOf(step.state);
  return send(step, { to: 'parent', progress: { id, state, outcome, ...(grant ? { grant } : {}) } });
}

/** What follows from a step, with all that either of them answers and tells. */
export function andThen(step: JoinStep, next: (state: State) => JoinStep): JoinStep {
  const { state, answers = [], outgoing = [] } = next(step.state);
  return { state, answers: [...(step.answers ?? []), ...answers], outgoing: [...(step.outgoing ?? []), ...outgoing] };
}

export function answered(step: JoinStep, to: CommandId, answer: JoinAnswer | Refusal): JoinStep {
  return { ...step, answers: [...(step.answers ?? []), { to, answer }] };
}

function send(step: JoinStep, outgoing: Outgoing): JoinStep {
  return { ...step, outgoing: [...(step.outgoing ?? []), outgoing] };
}

/** One more line of what happened. */
export function withNote<S extends Common>(state: S, note: Note): S {
  return { ...state, notes: [...state.notes, note].slice(-MAX_NOTES) };
}

const MAX_NOTES = 200;

export function isoOf(at: number): string {
  return new Date(at).toISOString();
}

export function openOf(state: State): Open {
  return state.state === 'closed' || state.state === 'closing' ? state.was : state;
}

function withCommon(state: State, changes: Pick<Common, 'memory'>): State {
  if (state.state === 'closed') return { ...state, was: { ...state.was, ...changes } };
  if (state.state === 'closing') return { ...state, was: { ...state.was, ...changes } };
  return { ...state, ...changes };
}

function eventOf(kind: NotificationKind, view: RequestView, { panel: asked, place, ...more }: More) {
  const { request, id: workflowId, runId } = view;
  const extension = extensionOf(kind, view);
  const panel = asked ?? extension?.panel ?? view.panel;
  const dueAt = panel && place ? endOfStages(panel, place) : view.deadline?.at;
  const { channelArn, memberArn, requestedBy, type } = request;
  const { reason: why } = extension ?? request;
  // Anybody is told here what the requester may be told.
  const { reason, error } = answerFor(view);
  const said = reason ?? (error ? { code: error.type, message: error.message } : undefined);
  return {
    kind,
    workflowId,
    runId,
    request: { channelArn, memberArn, requestedBy, type, ...(why === undefined ? {} : { reason: why }) },
    requester: requestedBy,
    member: memberArn,
    ...(extension ? { purpose: 'extend' as const } : {}),
    // Everybody who was asked hears how it ended, too.
    approvers: panel ? (isEnd(kind) ? everAsked(panel) : reviewersNow(panel, place)) : [],
    reviewers: [...new Set((panel?.reviews ?? []).map(({ reviewer }) => reviewer))],
    ...(dueAt === undefined ? {} : { dueAt }),
    ...(said ? { code: said.code, message: said.message } : {}),
    ...(isConfidential(view) ? { confidential: true } : {}),
    ...more,
  };
}

/** After these nobody is asked any more. */
const ENDS: readonly string[] = [...OUTCOMES, 'overridden', 'extended', 'notExtended'];

function isEnd(kind: NotificationKind): boolean {
  return ENDS.includes(kind);
}

/** While a membership lasts, people are asked about a longer term alone. */
function extensionOf(kind: NotificationKind, { state, extension }: RequestView): RequestView['extension'] {
  return state === 'active' && kind !== 'termEnds' && !isEnd(kind) ? extension : undefined;
}
