import { shortName } from '../../domain/arn.ts';
import { requirementText } from '../../domain/requirement.ts';
import { cell } from '../../domain/text.ts';
import type { Answer, RequestView, AskedInput } from '../../domain/view.ts';
import { columns } from '../output.ts';

/** What answers to requesters and views for operators have in common. */
export type Common = Pick<
  Answer,
  | 'id'
  | 'state'
  | 'waitsFor'
  | 'outcome'
  | 'reason'
  | 'error'
  | 'invitedBy'
  | 'subChannelId'
  | 'member'
  | 'deadline'
  | 'expiresAt'
> & { readonly uiUrl: string | null };

type Line = Pick<
  RequestView['decisions'][number],
  'binding' | 'evaluation' | 'action' | 'code' | 'message' | 'requirement'
>;

export function headline({ outcome, state, waitsFor, member }: Common): string {
  const waiting = state === 'pending' && waitsFor ? ` (waits for ${waitsFor})` : '';
  return `${outcome ?? state}${waiting}${member ? `: ${cell(member.name ?? shortName(member.arn))}` : ''}`;
}

/** Why it ended, and who let the member in. */
export function endRows({ reason, error, invitedBy, subChannelId }: Common): string[][] {
  return [
    ...(reason ? [['reason', `${reason.code}: ${reason.message}`]] : []),
    ...(reason?.field ? [['field', reason.field]] : []),
    ...(error ? [['failed', `${error.type}: ${error.message}`]] : []),
    ...(error?.hint ? [['what to do', error.hint]] : []),
    ...(error?.requestId ? [['AWS request', error.requestId]] : []),
    ...(invitedBy ? [['invited by', invitedBy]] : []),
    ...(subChannelId ? [['sub-channel', subChannelId]] : []),
  ];
}

/** When the waiting ends, and where else to look. */
export function lastRows({ state, deadline, expiresAt, uiUrl }: Common): string[][] {
  const due = state === 'pending' && deadline ? [['due', `${deadline.at}: ${cell(deadline.what, 300)}`]] : [];
  const expires = state === 'pending' && expiresAt && expiresAt !== deadline?.at ? [['expires', expiresAt]] : [];
  return [...due, ...expires, ...(uiUrl ? [['Temporal UI', uiUrl]] : [])];
}

/** A heading with what stands under it, or nothing. */
export function section(title: string, rows: readonly (readonly string[])[]): string[] {
  return rows.length > 0 ? [`  ${title}`, ...columns(rows, '    ')] : [];
}

export function decisionRows(decisions: readonly Line[]): string[][] {
  return decisions.map(({ binding, evaluation, action, code, message, requirement }) => [
    binding,
    evaluation,
    action,
    requirement ? requirementText(requirement) : [code, message].filter(Boolean).join(': '),
  ]);
}

interface Field {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly title?: string;
  readonly description?: string;
}

/** What a policy asks: its question, and the fields of an answer. */
export function describeInput({ binding, prompt, dueAt, schema }: AskedInput): string[] {
  return [`${binding} asks, until ${dueAt}: ${cell(prompt)}`, ...fieldRows(schema)];
}

/** The fields of an answer, and what each accepts. */
export function fieldRows(schema: object): string[] {
  const { properties = {}, required = [] } = schema as {
    properties?: Record<string, Field>;
    required?: readonly string[];
  };
  const rows = Object.entries(properties).map(([name, field]) => [
    name,
    accepted(field),
    required.includes(name) ? 'required' : '',
    [field.title, field.description?.replaceAll('\n', ' ')].filter(Boolean).join(': '),
  ]);
  return section('fields', rows);
}

function accepted({ type, enum: values, const: value }: Field): string {
  if (value !== undefined) return JSON.stringify(value);
  return values ? values.map((one) => JSON.stringify(one)).join(' or ') : (type ?? '');
}
