import type { Composition } from '../../domain/admission.ts';
import { shortName } from '../../domain/arn.ts';
import { isoOf } from '../../domain/approval/counting.ts';
import type { Plan } from '../../domain/plan.ts';
import type { RequestView } from '../../domain/view.ts';
import { code, escape, list, person } from '../../domain/markdown.ts';

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
export function extension({ extension: asked, term }: RequestView): string {
  if (!asked || !term) return '';
  const until = isoOf(Date.parse(term.startedAt) + asked.ms);
  const why = asked.reason === undefined ? '' : `: ${code(asked.reason)}`;
  return `**A longer term**, until ${until}, was asked for by ${person(asked)} at ${asked.at}${why}`;
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
