import { durationMs } from '../duration.ts';
import { escalated, settle } from './settle.ts';
import { actionsInOrder, isoOf } from './counting.ts';
import type { Changed, Panel, PanelNote, RequirementProgress, StageProgress } from './panel.ts';
import type { TimedAction } from '../requirement.ts';

/** Something that happens by itself, and where; `expire` without a place is the whole request. */
interface Due {
  readonly at: number;
  readonly what: TimedAction | { readonly do: 'expire' };
  readonly where?: Place;
}

interface Place {
  readonly binding: string;
  readonly index: number;
  readonly stage: string;
}

/** When time alone changes something next, in ms; never, once there is a result. */
export function nextDueAt(panel: Panel): number | undefined {
  return nextDue(panel)?.at;
}

/** Does everything that is due at `at`, one thing after the other as they come in time, with all that follows from each. */
export function advance(panel: Panel, at: number): Changed {
  const notes: PanelNote[] = [];
  let current = panel;
  for (let due = nextDue(current); due && due.at <= at; due = nextDue(current)) {
    const done = happen(current, due, Math.max(due.at, Date.parse(panel.at)));
    current = done.panel;
    notes.push(...done.notes);
  }
  return { panel: { ...current, at: isoOf(at) }, notes };
}

/** At the same time a denial comes first, then other actions, then the end of a stage, then that of the request. */
function nextDue(panel: Panel): Due | undefined {
  if (panel.result.result !== 'open') return undefined;
  const dues: Due[] = [...panel.requirements.flatMap(duesOf), { at: Date.parse(panel.dueAt), what: { do: 'expire' } }];
  const rank = ({ what }: Due) => (what.do === 'deny' ? 0 : what.do === 'expire' ? 2 : 1);
  return dues.toSorted((a, b) => a.at - b.at || rank(a) - rank(b))[0];
}

function duesOf({ requirement, stages }: RequirementProgress): Due[] {
  const index = stages.findIndex(({ status }) => status === 'open');
  const [stage, progress] = [requirement.stages[index], stages[index]];
  if (!stage || progress?.startedAt === undefined) return [];
  const where = { binding: requirement.binding, index, stage: stage.name };
  const action = actionsInOrder(stage)[progress.actionsDone];
  return [
    ...(action ? [{ at: Date.parse(progress.startedAt) + durationMs(action.at), what: action, where }] : []),
    ...(progress.dueAt === undefined
      ? []
      : [{ at: Date.parse(progress.dueAt), what: { do: 'expire' } as const, where }]),
  ];
}

function happen(panel: Panel, { what, where }: Due, at: number): Changed {
  if (!where) return { panel: { ...panel, result: { result: 'expired' } }, notes: [] };
  const { binding, stage } = where;
  if (what.do === 'expire') {
    const overdue = withStage(panel, where, () => ({ status: 'overdue' }));
    return {
      panel: { ...overdue, result: { result: 'expired', binding } },
      notes: [{ kind: 'overdue', binding, stage }],
    };
  }
  const counted = withStage(panel, where, ({ actionsDone }) => ({ actionsDone: actionsDone + 1 }));
  return act(counted, what, where, at);
}

function act(panel: Panel, action: TimedAction, where: Place, at: number): Changed {
  const { binding, stage } = where;
  const changed = (change: (stage: StageProgress) => Partial<StageProgress>) => withStage(panel, where, change);
  switch (action.do) {
    case 'remind':
      return { panel, notes: [{ kind: 'remind', binding, stage }] };
    case 'escalate': {
      const settled = settle(
        changed(({ approvers }) => ({ approvers: escalated(approvers, action) })),
        at,
      );
      return { panel: settled.panel, notes: [{ kind: 'escalate', binding, stage }, ...settled.notes] };
    }
    case 'deny': {
      const denied = changed(() => ({ status: 'denied', by: 'time' }));
      return { panel: { ...denied, result: { result: 'denied', code: 'DENIED_BY_TIME', binding } }, notes: [] };
    }
    case 'approve':
      return settle(
        changed(() => ({ status: 'approved', by: 'time' })),
        at,
        true,
      );
    case 'extend': {
      const later = (time: string) => isoOf(Date.parse(time) + durationMs(action.by));
      const longer = changed(({ dueAt }) => (dueAt === undefined ? {} : { dueAt: later(dueAt) }));
      return { panel: { ...longer, dueAt: later(panel.dueAt) }, notes: [{ kind: 'extend', binding, stage }] };
    }
  }
}

/** The panel with one stage changed. */
export function withStage(
  panel: Panel,
  { binding, index }: Pick<Place, 'binding' | 'index'>,
  change: (stage: StageProgress) => Partial<StageProgress>,
): Panel {
  const requirements = panel.requirements.map((one) => {
    if (one.requirement.binding !== binding) return one;
    return { ...one, stages: one.stages.map((stage, at) => (at === index ? { ...stage, ...change(stage) } : stage)) };
  });
  return { ...panel, requirements };
}
