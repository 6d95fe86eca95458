import { log } from '@temporalio/workflow';
import type { BoundRequirement, Reason } from '../domain/admission.ts';
import { openPanel } from '../domain/approval/change.ts';
import type { Panel } from '../domain/approval/panel.ts';
import { isRefusal } from '../domain/commands.ts';
import type { CommandOf, Refusal } from '../domain/commands.ts';
import { peopleOf } from '../domain/conclusion.ts';
import { durationMs, MAX_DURATION_MS } from '../domain/duration.ts';
import { inOffice, withoutPeople } from '../domain/facts.ts';
import type { Facts } from '../domain/facts.ts';
import { parties } from '../domain/request.ts';
import { extensionSubject } from '../domain/subject.ts';
import { toldDenial } from '../domain/told.ts';
import type { Extension, Note, RequestError, RequestView } from '../domain/view.ts';
import { isFresh } from './carried.ts';
import { toldResult } from './command-result.ts';
import type { End, Handled } from './end.ts';
import { evaluate } from './evaluation.ts';
import type { Concluded } from './concluded.ts';
import { endingAt } from './execution.ts';
import { toRequestError } from './failures.ts';
import { GONE, look } from './look.ts';
import { askAnew, endOf, takeTime } from './panel.ts';
import type { Run } from './run.ts';
import { tellPeople } from './telling.ts';
import { deedOf, verify } from './verification.ts';

/** Asks for a longer term, through the same policies as the membership itself; people may have to agree. */
export async function extend(
  command: CommandOf<'extend'>,
  run: Run,
): Promise<Pick<Handled, 'answer'> & { readonly left?: Reason }> {
  const { record } = run;
  const { request, term } = record.view;
  if (!term) return { answer: NO_TERM };
  const verified = await verify('extend', command, record);
  if (isRefusal(verified)) return { answer: verified };
  const own = [request.requestedBy, request.memberArn].includes(command.actor.principal);
  if (!own && verified.roles.length === 0) return { answer: NOT_YOURS };
  const ms = Date.parse(term.endsAt) - Date.parse(term.startedAt) + durationMs(command.by);
  if (ms > MAX_DURATION_MS) return { answer: TOO_LONG };
  const seen = await look(record);
  if (seen.is === 'left') return { answer: GONE, left: seen.reason };
  if (seen.is === 'unknown') return { answer: seen.refusal };
  const { reason } = command;
  const asked = { ...deedOf(command, verified), ms, ...(reason === undefined ? {} : { reason }) };
  const admission = await askPolicies(asked, run);
  if (isRefusal(admission)) return { answer: admission };
  const { composition } = admission.conclusion;
  if (composition.action === 'admit') {
    await lengthen(asked, admission.conclusion.facts, run);
  } else if (composition.action === 'pend') {
    const refusal = await askPeople(asked, admission, composition.requirements, run);
    if (refusal) return { answer: verified.roles.length > 0 ? refusal : NOT_EXTENDED };
  } else {
    return { answer: denialOf(admission, asked.by, run) };
  }
  return { answer: toldResult(record.view) };
}

/** What is asked for, before anybody was asked about it. */
type Asked = Pick<Extension, 'by' | 'at' | 'verified' | 'ms' | 'reason'>;

async function askPolicies(asked: Asked, run: Run): Promise<Concluded | Refusal> {
  const { view } = run.record;
  const { request } = view;
  const longer = { ...request, term: `${Math.ceil(asked.ms / 1_000)}s` };
  const extension = {
    askedBy: asked.by,
    subject: extensionSubject(request, asked),
    termDecided: isDecided(view),
  };
  try {
    const admission = await evaluate(run, { request: longer, purpose: 'extend', extension });
    return admission === 'withdrawn' ? ENDING : admission;
  } catch (error) {
    log.warn('the policies could not be asked about a longer term', { error });
    return UNAVAILABLE;
  }
}

/** Whether people approved how long it lasts, or an office holder set it. */
function isDecided({
  term,
  override,
  panel,
  facts,
}: Pick<RequestView, 'term' | 'override' | 'facts'> & { panel?: Panel | undefined }): boolean {
  const approved = panel?.reviews.some(({ decision }) => decision === 'approve') === true;
  return term?.decided === true || override !== undefined || approved || inOffice(facts['requester.role']?.value);
}

async function askPeople(
  asked: Asked,
  admission: Concluded,
  requirements: readonly BoundRequirement[],
  run: Run,
): Promise<Refusal | undefined> {
  const { term } = run.record.view;
  // Nobody can agree to more once the membership is gone.
  const times = { at: Date.now(), dueAt: Date.parse(term?.endsAt ?? '') };
  const { panel } = openPanel({ ...askedOf(asked, admission, requirements, run), ...times });
  const end = endOf(panel);
  if (end && end.result !== 'approved') return NOBODY_COULD;
  if (end) {
    await lengthen(asked, admission.conclusion.facts, run, panel);
  } else {
    run.record.update({ extension: { ...asked, ...foundBy(admission), panel } });
    await tellPeople('pending', run);
  }
  return undefined;
}

/** What people are asked. Who asks for more is a party of that, too. */
function askedOf(
  { by }: Asked,
  { conclusion: { facts }, reviewDigest: requestDigest }: Concluded,
  requirements: readonly BoundRequirement[],
  { record }: Run,
) {
  const people = facts.approvers ? peopleOf(facts.approvers.value) : [];
  return { requirements, people, requestDigest, excluded: parties(record.view.request, by) };
}

/** What it was judged by, for people who want to know why. */
function foundBy({ decisions, conclusion: { facts, composition } }: Concluded) {
  return { decisions, facts: withoutPeople(facts), composition };
}

/** Does what is due about a longer term. */
export async function elapse(run: Run, at: number): Promise<Reason | undefined> {
  const { extension } = run.record.view;
  if (!extension) return undefined;
  try {
    if (extension.panel.result.result === 'open') await takeTime(extension.panel, at, run);
  } catch (error) {
    await dismiss(run, toRequestError(error));
    return undefined;
  }
  return settleExtension(run);
}

/** Does what people came to, if they did; why the membership is over, if the member has left meanwhile. */
export async function settleExtension(run: Run): Promise<Reason | undefined> {
  const { extension } = run.record.view;
  const end = extension && endOf(extension.panel);
  if (!extension || !end) return undefined;
  const seen = end.result === 'approved' ? await look(run.record) : undefined;
  if (seen?.is === 'left') return seen.reason;
  await settle(extension, end, run);
  return undefined;
}

/** Where what was found is too old, the policies are asked again before. */
async function settle(extension: Extension, end: End, run: Run): Promise<void> {
  const { kept } = run.record;
  if (end.result !== 'approved') return dismiss(run, end);
  if (kept && isFresh(kept)) return lengthen(extension, extension.facts, run, extension.panel);
  const admission = await askPolicies(extension, run);
  // It stays decided, and is settled once it is known whether the membership ends.
  if (admission === ENDING) return undefined;
  if (isRefusal(admission)) return dismiss(run, admission);
  const { composition } = admission.conclusion;
  const asked = { ...extension, ...foundBy(admission) };
  if (composition.action === 'admit') return lengthen(asked, asked.facts, run, asked.panel);
  if (composition.action !== 'pend') return dismiss(run, denialOf(admission, extension.by, run));
  run.record.update({ extension: asked });
  return askPeopleAgain(asked, askedOf(extension, admission, composition.requirements, run), run);
}

async function askPeopleAgain(extension: Extension, asked: ReturnType<typeof askedOf>, run: Run): Promise<void> {
  try {
    const panel = await askAnew(extension.panel, asked, run);
    const end = panel === 'withdrawn' ? undefined : endOf(panel);
    if (end?.result === 'approved') return await lengthen(extension, extension.facts, run, extension.panel);
    return end && dismiss(run, end);
  } catch (error) {
    return dismiss(run, toRequestError(error));
  }
}

/** The term stays as it is. */
async function dismiss(run: Run, why: End | Refusal | RequestError): Promise<void> {
  const { extension } = run.record.view;
  if (!extension) return;
  const { by, at, verified, panel } = extension;
  const told = 'result' in why ? why.result : why.message;
  run.record.note({ by, at, verified, what: `asked for a longer term in vain: ${told}` }, { extension: undefined });
  const { term } = run.record.view;
  await tellPeople('notExtended', run, { panel, ...(term ? { dueAt: term.endsAt } : {}) });
}

/** `panel`: none where nobody had to agree. `found`: what it was judged by. */
async function lengthen(asked: Asked, found: Facts, run: Run, panel?: Panel): Promise<void> {
  const { view } = run.record;
  const { term } = view;
  if (!term) return;
  const { by, at, verified, ms, reason } = asked;
  const ends = endingAt(Date.parse(term.startedAt) + ms, run.record.kept?.term?.remindMs);
  const why = reason === undefined ? {} : { reason };
  const note: Note = { by, at, verified, what: `had the term end at ${ends.endsAt}`, ...why };
  const decided = isDecided(view) || isDecided({ panel, facts: found }) ? { decided: true as const } : {};
  run.record.note(note, { term: { ...term, ...ends, ...decided }, extension: undefined });
  await tellPeople('extended', run, { dueAt: ends.endsAt, panel });
}

/** Why not, as who asks for more may hear it. */
function denialOf({ decisions, conclusion: { composition, facts } }: Concluded, by: string, { record }: Run): Refusal {
  if (composition.action !== 'deny') {
    return { code: 'Denied', message: 'The policies ask for something first that an extension cannot wait for.' };
  }
  const request = { ...record.view.request, requestedBy: by };
  const { code, message, field } = toldDenial({ request, decisions, facts, composition });
  if (code === 'NOT_ADMITTED') return NOT_EXTENDED;
  return { code: 'Denied', message: `${code}: ${message}`, ...(field === undefined ? {} : { field }) };
}

const UNAVAILABLE: Refusal = {
  code: 'Unavailable',
  message: 'The policies could not be asked; nothing was changed. Operators can see why.',
};
const NOT_EXTENDED: Refusal = { code: 'Denied', message: 'The term is not extended.' };
const NOBODY_COULD: Refusal = {
  code: 'Denied',
  message: 'NO_ELIGIBLE_APPROVER: Too few people could approve a longer term; who asks for it is not among them.',
};
const NO_TERM: Refusal = { code: 'NotActive', message: 'This membership has no term.' };
const TOO_LONG: Refusal = {
  code: 'InvalidCommand',
  message: 'The whole term would be longer than ten years.',
  field: 'by',
  accepted: 'a term of at most 3650d from its start',
};
const ENDING: Refusal = {
  code: 'NotActive',
  message: 'Somebody is ending the membership just now, or its term ends: ask again, if it stays.',
};
const NOT_YOURS: Refusal = {
  code: 'NotYours',
  message: 'Only the requester, the member, a moderator or an admin may ask for a longer term.',
  field: 'actor.principal',
};
