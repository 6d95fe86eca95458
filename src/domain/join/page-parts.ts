import type { Composition, Decision } from '../admission.ts';
import { isoOf } from '../approval/counting.ts';
import { shortName } from '../arn.ts';
import { historyText } from '../history.ts';
import { code, count, escape, fieldsOf, fitting, list, person } from '../markdown.ts';
import type { Plan } from '../plan.ts';
import { requirementText } from '../requirement.ts';
import type { RequestView } from '../view.ts';

export function asked({ request, requesterVerified = true }: RequestView): string {
  const { memberArn, requestedBy, channelArn, type, subChannelId, chimeBearer, reason, term } = request;
  const self = requestedBy === memberArn;
  const by = person({ by: requestedBy, verified: requesterVerified });
  const what = `${self ? 'to join' : `that ${code(shortName(memberArn))} joins`} ${code(shortName(channelArn))} as a ${type} member`;
  return list(`**Asked** by ${by}: ${what}${term === undefined ? '' : `, for ${code(term)}`}`, [
    `channel ${code(channelArn)}`,
    `member ${code(memberArn)}`,
    ...(self ? [] : [`requester ${code(requestedBy)}`]),
    ...(subChannelId ? [`sub-channel ${code(subChannelId)}`] : []),
    ...(chimeBearer ? [`bearer ${code(chimeBearer)}`] : []),
    ...(reason ? [`reason: ${code(reason, 1_024)}`] : []),
  ]);
}

/** What else was asked for the same member, when people were asked here. */
export function others({ state, facts }: RequestView): string {
  const { value, readAt } = facts?.history ?? {};
  const text = state === 'pending' && value ? historyText(value) : undefined;
  if (!value || !text) return '';
  const items = value.requests.map(({ requestedAt, closedAt, state: stood, outcome }) => {
    return `asked at ${requestedAt}: ${outcome === null ? stood : `${outcome} at ${closedAt}`}`;
  });
  return list(`**Beware**, as of ${readAt}: ${text}`, items);
}

/** What the requester still has to answer. */
export function inputs({ state, inputs: open }: RequestView): string {
  if (state !== 'pending') return '';
  const items = open.map(({ binding, prompt, dueAt, schema }) => {
    const fields = fieldsOf(schema).map((name) => code(name, 64));
    return `${escape(binding)}, until ${dueAt}: ${escape(prompt, 1_024)}${fields.length > 0 ? ` (${fields.join(', ')})` : ''}`;
  });
  return list('**The requester or the member has to answer**', items);
}

export function answered({ answers }: RequestView): string {
  const items = answers.map((one) => {
    return `${escape(one.binding)}, by ${person(one)} at ${one.at}: ${code(JSON.stringify(one.answers))}`;
  });
  return list('**Answers**', items);
}

const MAX_ROWS = 30;

/** Which policy decided what; where there are many, those that did something come first. */
export function verdicts({ decisions, policyDigest }: RequestView): string {
  if (decisions.length === 0) return '';
  const ordered = decisions.length > MAX_ROWS ? decisions.toSorted(byEffect) : decisions;
  const { shown, more } = fitting(ordered.map(row), MAX_ROWS);
  const rest = more > 0 ? `, and ${count(more, 'more policy', 'more policies')}` : '';
  return [
    '| policy | verdict | action | because |',
    '| --- | --- | --- | --- |',
    ...shown,
    '',
    `Policy set ${code(policyDigest?.slice(0, 12) ?? 'unknown')}${rest}`,
  ].join('\n');
}

function row(decision: Decision): string {
  const { binding, evaluation, action } = decision;
  return `| ${escape(binding, 64)} | ${evaluation} | ${action} | ${enforced(decision)}${escape(because(decision), 200)} |`;
}

function byEffect(a: Decision, b: Decision): number {
  return Number(a.action === 'none') - Number(b.action === 'none');
}

function enforced({ enforcement }: Decision): string {
  return enforcement === 'Enforce' ? '' : `(${enforcement}) `;
}

function because({ code: reasonCode, message, requirement, prompt, term }: Decision): string {
  const said = requirement
    ? `needs ${requirementText(requirement)}`
    : [reasonCode, message ?? prompt].filter(Boolean).join(': ');
  return [said, ...(term ? [`at most ${term.max}`] : [])].filter(Boolean).join('; ');
}

/** Break-glass stays in sight, with what the policies had said. */
export function overridden({ override, composition }: RequestView): string {
  if (!override) return '';
  const { at, reason, ticket } = override;
  return list(`**Overridden** by ${person(override)} at ${at}`, [
    `ticket ${code(ticket)}`,
    `why: ${code(reason, 1_024)}`,
    `the policies had said: ${escape(originalText(composition))}`,
  ]);
}

function originalText(composition: Composition | undefined): string {
  switch (composition?.action) {
    case 'pend':
      return `people have to approve (${names(composition.requirements)})`;
    case 'ask':
      return `the requester has to answer (${names(composition.inputs)})`;
    case 'defer':
      return `not before ${composition.until} (${composition.bindings.join(', ')})`;
    case 'deny':
      return `denied, ${composition.reason.code} (${composition.reason.binding})`;
    case 'admit':
    case 'alreadyMember':
    case undefined:
      return composition?.action ?? 'nothing yet';
  }
}

function names(bound: readonly { readonly binding: string }[]): string {
  return bound.map(({ binding }) => binding).join(', ');
}

/** What only an operator can mend. */
export function incident({ state, incident: what }: RequestView, { steps }: Plan): string {
  if (state !== 'incident' || !what) return '';
  const { during, error, at, dueAt } = what;
  const failed = during === 'grant' ? 'the member could not be added' : 'the membership could not be removed';
  const admins = steps.find(({ status }) => status === 'now')?.people ?? [];
  const known = admins.length > 0 ? `, such as ${admins.map((arn) => code(shortName(arn))).join(', ')},` : '';
  return list(`**Incident** since ${at}: ${failed}. An app instance admin${known} has until ${dueAt}.`, [
    `${code(error.type)}: ${escape(error.message)}`,
    ...(error.hint ? [`What to do: ${escape(error.hint)}`] : []),
    ...(error.requestId ? [`AWS request id ${code(error.requestId)}`] : []),
  ]);
}

/** A longer term that people have to agree to. */
export function extension({ extension: longer, term }: RequestView): string {
  if (!longer || !term) return '';
  const until = isoOf(Date.parse(term.startedAt) + longer.ms);
  const why = longer.reason === undefined ? '' : `: ${code(longer.reason)}`;
  return `**A longer term**, until ${until}, was asked for by ${person(longer)} at ${longer.at}${why}`;
}

/** Why it ended, or is ending, and what Chime said. */
export function ending({ state, reason, error, invitedBy, bearer }: RequestView): string {
  const lines = [
    ...(reason ? [`**Reason** ${code(reason.code)} (${escape(reason.binding)}): ${escape(reason.message)}`] : []),
    ...(bearer && state === 'granting' ? [`Chime is called as ${code(bearer)}`] : []),
    ...(invitedBy ? [`**InvitedBy** ${code(invitedBy)}`] : []),
    ...(error ? [`**Failed** ${code(error.type)}: ${escape(error.message)}`] : []),
    ...(error?.hint ? [`What to do: ${escape(error.hint)}`] : []),
    ...(error?.requestId ? [`AWS request id ${code(error.requestId)}`] : []),
  ];
  return lines.join('\n\n');
}

/** What else people did. */
export function notes({ notes: all }: RequestView): string {
  const items = all.toReversed().map((note) => {
    const why = note.reason === undefined ? '' : `: ${code(note.reason)}`;
    return `${note.at} ${person(note)} ${escape(note.what)}${why}`;
  });
  return list('**Changes**, the newest first', items, 20);
}
