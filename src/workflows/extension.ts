import type { BoundRequirement, Reason } from '../domain/admission.ts';
import { openPanel } from '../domain/approval.ts';
import { isRefusal } from '../domain/commands.ts';
import type { CommandOf, Refusal } from '../domain/commands.ts';
import { peopleOf } from '../domain/conclusion.ts';
import { durationMs, MAX_DURATION_MS } from '../domain/duration.ts';
import { inOffice } from '../domain/facts.ts';
import { parties } from '../domain/request.ts';
import type { Extension, Note, RequestError } from '../domain/view.ts';
import { isFresh } from './carried.ts';
import { resultOf } from './command-result.ts';
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
  const admission = await askPolicies(ms, run);
  if (isRefusal(admission)) return { answer: admission };
  const { reason } = command;
  const asked = { ...deedOf(command, verified), ms, ...(reason === undefined ? {} : { reason }) };
  const { composition } = admission.conclusion;
  if (composition.action === 'admit') {
    await lengthen(asked, run);
  } else if (composition.action === 'pend') {
    const refusal = await askPeople(asked, admission, composition.requirements, run);
    if (refusal) return { answer: refusal };
  } else {
    return { answer: denialOf(admission) };
  }
  return { answer: resultOf(record.view) };
}

async function askPolicies(ms: number, run: Run): Promise<Concluded | Refusal> {
  const { request } = run.record.view;
  const longer = { ...request, term: `${Math.ceil(ms / 1_000)}s` };
  try {
    const admission = await evaluate(run, { request: longer, purpose: 'extend' });
    return admission === 'withdrawn' ? ENDING : admission;
  } catch (error) {
    const { type, message } = toRequestError(error);
    return {
      code: 'Unavailable',
      message: `The policies could not be asked (${type}: ${message}). Nothing was changed.`,
    };
  }
}

async function askPeople(
  asked: Omit<Extension, 'panel'>,
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
    await lengthen(asked, run);
  } else {
    run.record.update({ extension: { ...asked, panel } });
    await tellPeople('pending', run);
  }
  return undefined;
}

/** What people are asked. Who asks for more is a party of that, too. */
function askedOf(
  { by }: Omit<Extension, 'panel'>,
  { conclusion: { facts }, requestDigest }: Concluded,
  requirements: readonly BoundRequirement[],
  { record }: Run,
) {
  const people = facts.approvers ? peopleOf(facts.approvers.value) : [];
  return { requirements, people, requestDigest, excluded: [...parties(record.view.request), by] };
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
  if (kept && isFresh(kept)) return lengthen(extension, run);
  const admission = await askPolicies(extension.ms, run);
  // It stays decided, and is settled once it is known whether the membership ends.
  if (admission === ENDING) return undefined;
  if (isRefusal(admission)) return dismiss(run, admission);
  const { composition } = admission.conclusion;
  if (composition.action === 'admit') return lengthen(extension, run);
  if (composition.action !== 'pend') return dismiss(run, denialOf(admission));
  return askPeopleAgain(extension, askedOf(extension, admission, composition.requirements, run), run);
}

async function askPeopleAgain(extension: Extension, asked: ReturnType<typeof askedOf>, run: Run): Promise<void> {
  try {
    const panel = await askAnew(extension.panel, asked, run);
    const end = panel === 'withdrawn' ? undefined : endOf(panel);
    if (end?.result === 'approved') return await lengthen(extension, run);
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

/** `panel`: none where nobody had to agree. */
type Asked = Omit<Extension, 'panel'> & Partial<Pick<Extension, 'panel'>>;

async function lengthen({ by, at, verified, ms, reason, panel }: Asked, run: Run): Promise<void> {
  const { term } = run.record.view;
  if (!term) return;
  const ends = endingAt(Date.parse(term.startedAt) + ms, run.record.kept?.term?.remindMs);
  const why = reason === undefined ? {} : { reason };
  const note: Note = { by, at, verified, what: `had the term end at ${ends.endsAt}`, ...why };
  run.record.note(note, { term: { ...term, ...ends }, extension: undefined });
  await tellPeople('extended', run, { dueAt: ends.endsAt, panel });
}

function denialOf({ conclusion: { composition, facts } }: Concluded): Refusal {
  if (composition.action !== 'deny') {
    return { code: 'Denied', message: 'The policies ask for something first that an extension cannot wait for.' };
  }
  const { code, message, field, visibility } = composition.reason;
  const told = visibility === 'full' || inOffice(facts['requester.role']?.value);
  if (!told) return { code: 'Denied', message: 'The term is not extended.' };
  return { code: 'Denied', message: `${code}: ${message}`, ...(field === undefined ? {} : { field }) };
}

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
