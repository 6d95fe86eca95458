import type { CommandName } from '../../domain/commands.ts';
import { activePanel } from '../../domain/view.ts';
import type { RequestView } from '../../domain/view.ts';
import { code, fieldsOf, list } from '../../domain/markdown.ts';

/** An update, who may send it, and what it takes besides the actor. */
type Act = readonly [update: CommandName, by: string, more: Record<string, unknown>];

const ADMIN = 'an app instance admin';
const PARTIES = 'the requester or the member';
const OFFICE = 'a channel moderator or an app instance admin';
const WHY = { reason: '…' };

/** Which update to send, with which argument. */
export function howToAct(view: RequestView): string {
  const items = actsOf(view).map(([update, by, more]) => {
    const rest = JSON.stringify(more).slice(1, -1);
    return `${code(update)}, by ${by}: ${code(`{"actor":ACTOR${rest && `,${rest}`}}`)}`;
  });
  const title =
    '**How to act**: send an update, where ACTOR is `{"principal":"your ARN","assertion":"…"}`. `admit` signs assertions; without one a command counts only where the worker trusts its callers.';
  return list(title, items);
}

function actsOf(view: RequestView): Act[] {
  switch (view.state) {
    case 'evaluating':
      return [['withdraw', PARTIES, {}]];
    case 'pending':
      return [...waitingFor(view), ['withdraw', PARTIES, {}], ['override', ADMIN, { ...WHY, ticket: '…' }]];
    case 'incident':
      return [
        ['retry', ADMIN, WHY],
        ['abandon', ADMIN, WHY],
        ...(view.incident?.during === 'grant' ? [['withdraw', PARTIES, {}] satisfies Act] : []),
      ];
    case 'active':
      return [
        ...reviewing(view),
        ...(view.extension ? [] : [['extend', `${PARTIES}, ${OFFICE}`, { by: '30d' }] satisfies Act]),
        ['revoke', `${PARTIES}, ${OFFICE}`, WHY],
      ];
    case 'granting':
    case 'closed':
      return [];
  }
}

function waitingFor(view: RequestView): Act[] {
  const amend: Act = ['amend', 'the requester', { changes: WHY }];
  if (view.waitsFor !== 'input') return [...reviewing(view), amend];
  const answers = view.inputs.slice(0, 3).map(({ binding, schema }): Act => {
    return [
      'submitInput',
      PARTIES,
      { binding, answers: Object.fromEntries(fieldsOf(schema).map((name) => [name, '…'])) },
    ];
  });
  return [...answers, amend];
}

/** Where people are asked now. */
function reviewing(view: RequestView): Act[] {
  const open = activePanel(view)?.requirements.find(({ stages }) => stages.some(({ status }) => status === 'open'));
  if (!open || view.waitsFor === 'time') return [];
  const { binding } = open.requirement;
  return [
    ['review', 'who may approve', { decision: 'approve' }],
    ['reassign', ADMIN, { binding, to: { roles: ['app_instance_admin'] }, ...WHY }],
  ];
}
