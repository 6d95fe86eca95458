import { shortName } from '../domain/arn.ts';
import type { Decision } from '../domain/admission.ts';
import type { RequestView } from '../domain/view.ts';

/** What somebody who only has the Temporal UI needs to know of a request, in Markdown. */
export function currentDetails(view: RequestView): string {
  return [headline(view), asked(view), verdicts(view), approvals(view), ending(view)].filter(Boolean).join('\n\n');
}

function headline({ state, outcome, dueAt }: RequestView): string {
  const words = {
    evaluating: 'Evaluating: policies are being asked.',
    pending: `Pending: people have to decide. Expires ${dueAt ?? 'never'}.`,
    granting: 'Granting: the call to Chime is under way.',
    incident: 'Incident: an operator has to act.',
    active: 'Active: the membership is there.',
    closed: `Closed: **${outcome}**.`,
  };
  return `### ${words[state]}`;
}

function asked({ request }: RequestView): string {
  const { memberArn, requestedBy, channelArn, type, subChannelId, chimeBearer, reason } = request;
  const asker = requestedBy === memberArn ? 'for themselves' : `by ${code(shortName(requestedBy))}`;
  const lines = [
    `**Asked** ${asker}: ${code(shortName(memberArn))} as a ${type} member of ${code(shortName(channelArn))}`,
    `channel ${code(channelArn)}`,
    `member ${code(memberArn)}`,
    ...(requestedBy === memberArn ? [] : [`requester ${code(requestedBy)}`]),
    ...(subChannelId ? [`sub-channel ${code(subChannelId)}`] : []),
    ...(chimeBearer ? [`bearer ${code(chimeBearer)}`] : []),
    ...(reason ? [`reason: ${code(reason)}`] : []),
  ];
  const [first, ...items] = lines;
  return [first, '', ...items.map((item) => `- ${item}`)].join('\n');
}

function verdicts({ decisions, policyDigest }: RequestView): string {
  if (decisions.length === 0) return '';
  const rows = decisions.map(
    (d) => `| ${escape(d.binding)} | ${d.evaluation} | ${d.action} | ${enforced(d)}${escape(because(d))} |`,
  );
  return [
    '| policy | verdict | action | because |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    `Policy set ${code(policyDigest?.slice(0, 12) ?? 'unknown')}`,
  ].join('\n');
}

function enforced({ enforcement }: Decision): string {
  return enforcement === 'Enforce' ? '' : `(${enforcement}) `;
}

function because({ code: reasonCode, message, requirement }: Decision): string {
  if (requirement)
    return `needs ${count(requirement.approve, 'approval')} by ${requirement.approvers.roles.join(' or ')}`;
  return [reasonCode, message].filter(Boolean).join(': ');
}

function approvals({ requirements, progress, approvals: reviews, facts }: RequestView): string {
  if (requirements.length === 0) return '';
  const eligible = facts.approvers?.value;
  const may = eligible
    ? ` ${count(eligible.total, 'person', 'people')} may review (${count(eligible.channel_moderator, 'channel moderator')}, ${count(eligible.app_instance_admin, 'app instance admin')}), never the requester, the member or the bearer.`
    : '';
  const rows = requirements.map(({ binding, approve, approvers }) => {
    const approved = progress.find((one) => one.binding === binding)?.approvedBy.length ?? 0;
    return `- ${escape(binding)}: ${approved} of ${count(approve, 'approval')} by ${approvers.roles.join(' or ')}`;
  });
  const given = reviews.map((review) => {
    const comment = review.comment ? `: ${code(review.comment)}` : '';
    const proof = review.verified ? '' : ', not verified';
    return `- ${review.decision} by ${code(shortName(review.reviewer))} (${review.roles.join(', ')}${proof}) at ${review.at}${comment}`;
  });
  return [`**Who may approve:**${may} One deny ends it.`, '', ...rows, ...given].join('\n');
}

function ending({ reason, error, invitedBy, bearer, state }: RequestView): string {
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

function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

/** User text is data: none of it may become Markdown or HTML. */
function escape(text: string): string {
  return text.replace(/[\r\n]+/g, ' ').replace(/[\\`*_{}[\]<>()#+!|~&:/-]/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** A code span: not even an address in it becomes a link. */
function code(text: string): string {
  return `\`${text.replace(/[`\r\n]/g, ' ')}\``;
}
