import { shortName } from '../domain/arn.ts';
import type { Answer, RequestView } from '../domain/view.ts';
import { columns } from './output.ts';

/** What a person reads of a request. */
export type Described = Omit<Answer, 'waitingFor' | 'decisions'> & {
  readonly decisions: readonly Pick<
    RequestView['decisions'][number],
    'binding' | 'policy' | 'evaluation' | 'action' | 'code' | 'message' | 'field'
  >[];
  readonly waitingFor?: Answer['waitingFor'];
  readonly approvals: readonly Omit<RequestView['approvals'][number], 'roles'>[];
  readonly uiUrl: string | null;
};

/** The lines for people: what it came to, then why, then where to look. */
export function describeRequest(request: Described, next?: string): string[] {
  const { id, outcome, state, dueAt, uiUrl } = request;
  return [
    `${outcome ?? state}${ofWhom(request)}`,
    ...columns(
      [
        ['id', id],
        ...reasonRows(request),
        ...(request.invitedBy ? [['invited by', request.invitedBy]] : []),
        ...(request.subChannelId ? [['sub-channel', request.subChannelId]] : []),
        ...waitingRows(request),
        ...(state === 'pending' && dueAt ? [['expires', dueAt]] : []),
        ...(uiUrl ? [['Temporal UI', uiUrl]] : []),
      ],
      '  ',
    ),
    ...(request.decisions.length > 0 ? ['  policies', ...decisionRows(request)] : []),
    ...(request.approvals.length > 0 ? ['  reviews', ...reviewRows(request)] : []),
    ...(next ? ['', 'To decide:', `  ${next}`] : []),
  ];
}

function ofWhom({ member }: Described): string {
  return member ? `: ${member.name ?? shortName(member.arn)}` : '';
}

function reasonRows({ reason, error }: Described): string[][] {
  return [
    ...(reason ? [['reason', `${reason.code}: ${reason.message}`]] : []),
    ...(reason?.field ? [['field', reason.field]] : []),
    ...(error ? [['failed', `${error.type}: ${error.message}`]] : []),
    ...(error?.hint ? [['what to do', error.hint]] : []),
    ...(error?.requestId ? [['AWS request', error.requestId]] : []),
  ];
}

function waitingRows({ waitingFor = [], eligible }: Described): string[][] {
  const who = eligible
    ? ` (${eligible.total} people may: ${eligible.channel_moderator} channel moderators, ${eligible.app_instance_admin} app instance admins)`
    : '';
  return waitingFor.map(({ approve, approved, roles }) => [
    'waits for',
    `people: ${approved} of ${approve} approval(s) by ${roles.join(' or ')}${who}`,
  ]);
}

function decisionRows({ decisions }: Described): string[] {
  const rows = decisions.map(({ binding, evaluation, action, code, message }) => [
    binding,
    evaluation,
    action,
    [code, message].filter(Boolean).join(': '),
  ]);
  return columns(rows, '    ');
}

function reviewRows({ approvals }: Described): string[] {
  const rows = approvals.map(({ reviewer, decision, at, verified, comment }) => [
    decision,
    shortName(reviewer),
    at,
    verified ? 'verified' : 'not verified',
    comment ?? '',
  ]);
  return columns(rows, '    ');
}
