import { sleep } from '@temporalio/workflow';
import { openPanel } from '../domain/approval/change.ts';
import type { Changed } from '../domain/approval/panel.ts';
import type { BoundRequirement, Composition } from '../domain/admission.ts';
import { peopleOf } from '../domain/conclusion.ts';
import { durationMs } from '../domain/duration.ts';
import { withoutPeople } from '../domain/facts.ts';
import type { Outcome } from '../domain/outcome.ts';
import { parties } from '../domain/request.ts';
import type { AskedInput, RequestError, RequestView } from '../domain/view.ts';
import { RESOLVED } from './allowed.ts';
import { isFresh } from './carried.ts';
import type { Kept } from './carried.ts';
import { takesBack } from './commands/withdraw.ts';
import { reasonOf } from './end.ts';
import type { End } from './end.ts';
import { evaluate, unlessWithdrawn } from './evaluation.ts';
import type { Concluded } from './concluded.ts';
import { execute, reclaim, settle } from './execution.ts';
import type { Executed } from './execution.ts';
import { openIncident, waitForOperator } from './incident.ts';
import { LEFT } from './look.ts';
import { askAnew, endOf } from './panel.ts';
import { remove, TERM_ENDED } from './removal.ts';
import type { Changes, Record } from './record.ts';
import type { Run } from './run.ts';
import { tellPanelNotes, tellParent, tellPeople } from './telling.ts';
import { waitForEnd } from './term.ts';
import { waitForPeople } from './waiting.ts';

/** Does what the policies came to; asked again, it does what they come to then. */
export async function act(run: Run, admission: Concluded, { settled = false } = {}): Promise<RequestView> {
  const { record } = run;
  const { decisions, policyDigest, requestDigest, proof } = admission;
  const { composition, facts } = admission.conclusion;
  const proved = proof ? { requesterVerified: proof.verified } : {};
  const about = { policyDigest, requestDigest, ...proved };
  const found: Changes = { ...about, decisions, facts: withoutPeople(facts), composition };
  const paused = ['input', 'time'].includes(record.view.waitsFor ?? '');
  switch (composition.action) {
    case 'deny':
      return close(run, 'denied', { ...found, reason: composition.reason });
    case 'alreadyMember':
      return alreadyMember(run, found, standingMembership(record, admission));
    case 'ask':
      record.update({ ...found, ...pending(run, 'input'), inputs: asked(composition.inputs, record) });
      await tellPeople('inputNeeded', run, { message: composition.inputs.map(({ prompt }) => prompt).join(' ') });
      return wait(run);
    case 'defer':
      return defer(run, composition, found);
    case 'admit':
      return grantNow(run, undefined, { ...found, requirements: [] });
    case 'pend':
      record.update({ ...found, ...pending(run, 'people') });
      return askPeople(run, admission, composition.requirements, { settled, paused });
  }
}

/** The state of a request that waits: when it expires is counted from when it first had to wait. */
function pending({ record: { view, kept } }: Run, waitsFor: NonNullable<RequestView['waitsFor']>): Changes {
  const dueAt = view.dueAt ?? new Date(Date.now() + (kept?.settings.expireAfterMs ?? 0)).toISOString();
  return { state: 'pending', waitsFor, dueAt, inputs: [], deferredUntil: undefined };
}

/** What was asked before keeps its time. */
function asked(inputs: (Composition & { action: 'ask' })['inputs'], { view }: Record): AskedInput[] {
  return inputs.map((input) => {
    const before = view.inputs.find(({ binding }) => binding === input.binding);
    return { ...input, dueAt: before?.dueAt ?? new Date(Date.now() + durationMs(input.expiresIn)).toISOString() };
  });
}

async function defer(run: Run, composition: Composition & { action: 'defer' }, found: Changes): Promise<RequestView> {
  const { record } = run;
  const giveUpAt = Date.parse(record.view.requestedAt) + composition.giveUpAfterMs;
  if (giveUpAt <= Date.now()) {
    const message = `${composition.bindings.join(', ')} put it off for too long.`;
    return close(run, 'expired', { ...found, reason: { ...EXPIRED, message } });
  }
  const until = Math.min(Date.parse(composition.until), giveUpAt);
  // A time that has come already must not make the workflow ask without a pause.
  const deferredUntil = new Date(Math.max(until, Date.now() + LEAST_PAUSE_MS)).toISOString();
  record.update({ ...found, ...pending(run, 'time'), deferredUntil });
  return wait(run);
}

const LEAST_PAUSE_MS = 1_000;

/**
 * Asks people, or counts what they said before against what is asked now. `settled`: they had approved just before;
 * `paused`: it waited for something else than people.
 */
async function askPeople(
  run: Run,
  { conclusion: { facts }, requestDigest }: Concluded,
  requirements: readonly BoundRequirement[],
  { settled, paused }: { settled: boolean; paused: boolean },
): Promise<RequestView> {
  const { record } = run;
  const { panel, request, dueAt = '' } = record.view;
  const people = facts.approvers ? peopleOf(facts.approvers.value) : [];
  if (panel) {
    const anew = { requirements, people, requestDigest, excluded: parties(request), paused };
    const moved = await askAnew(panel, anew, run);
    if (moved === 'withdrawn') return close(run, 'withdrawn');
    const end = endOf(moved);
    if (end) return finish(run, end, settled);
  } else {
    const times = { at: Date.now(), dueAt: Date.parse(dueAt) };
    const opened = openPanel({ requirements, people, requestDigest, ...times, excluded: parties(request) });
    await showOpened(opened, run);
    const end = endOf(opened.panel);
    if (end) return finish(run, end, true);
  }
  return wait(run);
}

async function showOpened({ panel, notes }: Changed, run: Run): Promise<void> {
  run.record.update({ panel });
  await tellPeople('pending', run);
  await tellPanelNotes(
    notes.filter(({ kind }) => kind !== 'stage'),
    run,
  );
}

/** Waits until something decides, and does what it comes to. */
export async function wait(run: Run): Promise<RequestView> {
  run.rounds.reset();
  return finish(run, await waitForPeople(run), false);
}

/** `settled`: the policies were asked after people had approved. */
async function finish(run: Run, end: End, settled: boolean): Promise<RequestView> {
  switch (end.result) {
    case 'approved':
      return approved(run, end.completedBy, settled);
    case 'denied':
      return close(run, 'denied', { reason: reasonOf(end) });
    case 'expired':
      return close(run, 'expired', { reason: { ...EXPIRED, message: end.message } });
    case 'withdrawn':
      return close(run, 'withdrawn');
    case 'evaluated':
      return act(run, end.admission);
  }
}

/** What was found may be too old by now: then the policies are asked again before the call is made. */
async function approved(run: Run, completedBy: string | undefined, settled: boolean): Promise<RequestView> {
  const { record } = run;
  const { kept } = record;
  if (settled || !kept || isFresh(kept)) return grantNow(run, completedBy);
  return admitAgain(run, completedBy);
}

async function admitAgain(run: Run, completedBy: string | undefined): Promise<RequestView> {
  const { record } = run;
  const admission = await evaluate(run);
  if (admission === 'withdrawn') return close(run, 'withdrawn');
  const { action } = admission.conclusion.composition;
  // An override stands against what policies ask of people, never against what they deny.
  if (record.view.override && ['ask', 'defer', 'pend'].includes(action)) return grantNow(run, completedBy);
  return act(run, admission, { settled: true });
}

/** Makes the call, unless who asks took it back before; then it is too late. `found`: what is to be recorded. */
async function grantNow(run: Run, completedBy: string | undefined, found: Changes = {}): Promise<RequestView> {
  const { record, inbox } = run;
  const { kept } = record;
  if (!kept) return record.fail(NEVER_ADMITTED);
  if (inbox.isCancelled() || (await takesBack(run))) return close(run, 'withdrawn', found);
  inbox.refuseRest(RESOLVED);
  return executed(run, kept, await execute(record, kept, completedBy, found), completedBy);
}

/** Somebody added the member, unless a call of ours did of which nobody heard. */
async function alreadyMember(run: Run, found: Changes, standing: Changes): Promise<RequestView> {
  const { record } = run;
  const { kept, memory } = record;
  if (!kept || !memory.tried) return close(run, 'alreadyMember', { ...found, ...standing });
  return executed(run, kept, await settle(record, kept, found), lastApprover(record.view));
}

async function executed(run: Run, kept: Kept, done: Executed, completedBy: string | undefined): Promise<RequestView> {
  const { record } = run;
  if (done.result === 'closed') return done.view;
  if (done.result === 'alreadyMember') return close(run, 'alreadyMember', done.granted);
  if (done.result === 'active') {
    await tellPeople('joined', run, record.view.term ? { dueAt: record.view.term.endsAt } : {});
    await tellParent(record.view);
    return beActive(run);
  }
  return done.result === 'tooOld' ? askInTime(run, kept, completedBy) : failed(run, done.error);
}

/** Ends a request that granted nothing, unless it had before it was reset. */
async function close(run: Run, outcome: Outcome, changes: Changes = {}): Promise<RequestView> {
  const { record } = run;
  const { kept } = record;
  const earlier = await reclaim(record, changes);
  return earlier && kept ? executed(run, kept, earlier, undefined) : record.close(outcome, changes);
}

/** Chime, its queue or its workers took longer than the policies' word holds. */
async function askInTime(run: Run, kept: Kept, completedBy: string | undefined): Promise<RequestView> {
  const { record, rounds } = run;
  const pause = rounds.next(kept.settings.retry, kept.admittedAt);
  if (pause === undefined) return failed(run, NEVER_IN_TIME);
  // From here on it can be withdrawn again.
  record.update({ state: 'evaluating', bearer: undefined });
  const summary = 'Before the policies are asked once more';
  const slept = pause > 0 ? await unlessWithdrawn(run, () => sleep(pause, { summary })) : undefined;
  return slept === 'withdrawn' ? close(run, 'withdrawn') : admitAgain(run, completedBy);
}

/** After people have decided, or while a member is there who has to leave, a failure is an incident and no lost request. */
export async function failed(run: Run, error: RequestError): Promise<RequestView> {
  const { record } = run;
  const { state, override, panel } = record.view;
  const isDecided = override !== undefined || panel?.reviews.some(({ decision }) => decision === 'approve') === true;
  // A second failure while it is held would be one of this code: nothing could hold it.
  if (!record.kept || state === 'incident' || (state !== 'active' && !isDecided)) return record.fail(error);
  await openIncident(run, state === 'active' ? 'removal' : 'grant', error, record.kept.settings.expireAfterMs);
  return holdIncident(run);
}

/** Waits for an operator, and does what they say. */
export async function holdIncident(run: Run): Promise<RequestView> {
  const { record } = run;
  const { incident } = record.view;
  if (!incident) return record.fail(NEVER_ADMITTED);
  run.rounds.reset();
  const end = await waitForOperator(run, incident);
  switch (end) {
    case 'withdrawn':
      return close(run, 'withdrawn');
    case 'abandoned':
    case 'expired':
      return record.fail(incident.error);
    case 'retry':
      // Whatever failed, the policies have the last word before the call.
      if (incident.during === 'grant') return admitAgain(run, lastApprover(record.view));
      // Without a reason to end it something else had failed, and the membership goes on.
      return record.view.reason ? removeNow(run) : beActive(run);
  }
}

function lastApprover({ override, panel }: RequestView): string | undefined {
  if (override) return override.by;
  return panel?.result.result === 'approved' ? panel.result.completedBy : undefined;
}

/** The membership is there until its term ends or somebody ends it. */
export async function beActive(run: Run): Promise<RequestView> {
  const reason = await waitForEnd(run);
  if (reason.code === LEFT.code) return run.record.close('revoked', { reason, extension: undefined });
  run.record.update({ reason, extension: undefined });
  return removeNow(run);
}

async function removeNow(run: Run): Promise<RequestView> {
  const { record } = run;
  const { kept } = record;
  if (!kept) return record.fail(NEVER_ADMITTED);
  const error = await remove(record, kept);
  return error ? failed(run, error) : record.close('revoked', { reason: record.view.reason ?? TERM_ENDED });
}

function standingMembership({ view }: Record, { facts }: Concluded): Partial<RequestView> {
  const { name, invitedBy, subChannelId } = facts['member.membership']?.value ?? {};
  return {
    member: { arn: view.request.memberArn, ...(name === undefined ? {} : { name }) },
    ...(invitedBy === undefined ? {} : { invitedBy }),
    ...(subChannelId === undefined ? {} : { subChannelId }),
  };
}

const EXPIRED = { code: 'EXPIRED', binding: 'host', visibility: 'full' } as const;

const NEVER_IN_TIME: RequestError = {
  type: 'TimedOut',
  message: 'Each time that the call could be made, what the policies had said was too old.',
  hint: 'Look at the queue chime-api and its workers, and at ADMISSION_VALID_FOR and ADMISSION_RETRY_FOR.',
};

/** A mistake of this code, not of anybody who asks. */
const NEVER_ADMITTED: RequestError = { type: 'InternalError', message: 'nothing was admitted yet' };
