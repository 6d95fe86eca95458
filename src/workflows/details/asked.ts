import { shortName } from '../../domain/arn.ts';
import { historyText } from '../../domain/history.ts';
import type { RequestView } from '../../domain/view.ts';
import { code, escape, fieldsOf, list, person } from '../../domain/markdown.ts';

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
