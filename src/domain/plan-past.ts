import type { Decision } from './admission.ts';
import { actionsInOrder, isoOf } from './approval/counting.ts';
import type { Panel } from './approval/panel.ts';
import { shortName } from './arn.ts';
import { durationMs } from './duration.ts';
import { standingOf, type Standing } from './plan-reviews.ts';
import { actionText, plannedStages } from './plan-stages.ts';
import { concat, quoted, type PlanStep } from './plan-step.ts';
import type { JoinRequest } from './request.ts';
import { requirementText } from './requirement.ts';
import { activePanel, type Deed, type RequestView, type Term } from './view.ts';

/** How somebody is called. */
export type NameOf = (arn: string) => string;

/** What happened, in no order by time; of two things at the same time, the cause comes first. */
export function pastSteps(view: RequestView, nameOf: NameOf): PlanStep[] {
  const deed = ({ by, at }: Pick<Deed, 'by' | 'at'>, what: string): PlanStep => {
    return { ...done(`${nameOf(by)} ${what}.`, at), who: nameOf(by) };
  };
  const panel = activePanel(view);
  const { answers, notes, extension, term } = view;
  return [
    ...(isKnown(view.request) ? [deed({ by: view.request.requestedBy, at: view.requestedAt }, asked(view))] : []),
    ...answers.map((one) => ({ ...deed(one, `answered what ${one.binding} asked`), binding: one.binding })),
    ...evaluated(view),
    ...standingOf(view).map((standing) => deed({ by: standing[0].reviewer, at: standing[0].at }, reviewed(standing))),
    ...(panel ? actionsDone(panel) : []),
    ...notes.map((note) => deed(note, concat([note.what, note.reason && quoted(note.reason)], ': '))),
    ...(extension ? [deed(extension, 'asked for a longer term')] : []),
    ...(term ? [done(`${shortName(view.request.memberArn)} joined, and the term began.`, joinedAt(view, term))] : []),
    ...closed(view),
  ];
}

function done(what: string, at?: string): PlanStep {
  return { status: 'done', what, ...(at === undefined ? {} : { at }) };
}

/** Of a workflow that somebody terminated, Temporal tells no more than that. */
function isKnown({ requestedBy }: Partial<JoinRequest>): boolean {
  return requestedBy !== undefined;
}

function asked({ request: { memberArn, requestedBy, channelArn, type, term } }: RequestView): string {
  const whom = requestedBy === memberArn ? '' : `for ${shortName(memberArn)} `;
  const length = term === undefined ? '' : `, for ${term}`;
  return `asked ${whom}to join ${shortName(channelArn)} as a ${type} member${length}`;
}

/** What each policy said, when they were asked last; by the clock of the request, not by that of who read the facts. */
function evaluated({ decisions, judgedAt, requestedAt }: RequestView): PlanStep[] {
  return decisions.map((one) => ({ ...done(verdictText(one), judgedAt ?? requestedAt), binding: one.binding }));
}

/** Chime's clock says when the term began; by ours, nobody joins before the call is made, or after the end. */
function joinedAt({ requestedAt, calledSince, closedAt }: RequestView, { startedAt }: Term): string {
  const earliest = Date.parse(calledSince ?? requestedAt);
  const latest = closedAt === undefined ? Infinity : Date.parse(closedAt);
  return isoOf(Math.min(Math.max(Date.parse(startedAt), earliest), latest));
}

function verdictText({
  binding,
  evaluation,
  enforcement,
  action,
  requirement,
  code,
  message,
  prompt,
}: Decision): string {
  const said = requirement ? requirementText(requirement) : concat([code, message ?? prompt], ': ');
  const aside = enforcement === 'Enforce' ? undefined : enforcement;
  const effect = action === 'none' && evaluation !== 'notApplicable' ? 'counts for nothing' : undefined;
  const notes = concat([aside, effect]);
  return `${binding} decided ${evaluation}${notes && ` (${notes})`}${said && `: ${said}`}`.replace(/[^.!?]$/, '$&.');
}

const REVIEWED = {
  approve: 'approved',
  deny: 'denied',
  abstain: 'abstained',
  comment: 'commented',
  requestChanges: 'asked for changes',
};

function reviewed([{ decision, comment }, uncounted]: Standing): string {
  const why = uncounted === undefined ? '' : `; it does not count: ${uncounted}`;
  return `${concat([REVIEWED[decision], comment && quoted(comment)], ': ')}${why}`;
}

/** What time has done to the stages so far. */
function actionsDone(panel: Panel): PlanStep[] {
  return plannedStages(panel).flatMap(({ binding, name, stage, progress: { startedAt, actionsDone: count } }) => {
    if (startedAt === undefined) return [];
    return actionsInOrder(stage)
      .slice(0, count)
      .map((action) => {
        const at = isoOf(Date.parse(startedAt) + durationMs(action.at));
        return { ...done(`${name}: ${actionText(action)}.`, at), binding, stage: stage.name };
      });
  });
}

function closed({ state, outcome, closedAt, reason, error }: RequestView): PlanStep[] {
  if (state !== 'closed') return [];
  const why = reason ? `${reason.code}: ${reason.message}` : error && `${error.type}: ${error.message}`;
  return [done(`The request ends: ${outcome}${why ? ` (${why})` : ''}.`, closedAt)];
}
