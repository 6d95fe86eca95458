import type { Panel, Review, StageProgress } from '../../domain/approval/panel.ts';
import { shortName } from '../../domain/arn.ts';
import { approversText, stageText } from '../../domain/requirement.ts';
import type { Stage } from '../../domain/requirement.ts';
import type { Answer } from '../../domain/view.ts';

/** What people are asked for, as the requester may know it: by role and number. */
export function askedRows({ waitingFor, eligible }: Pick<Answer, 'waitingFor' | 'eligible'>): string[][] {
  const who = eligible
    ? ` (${eligible.total} people may: ${eligible.channel_moderator} channel moderators, ${eligible.app_instance_admin} app instance admins)`
    : '';
  return waitingFor.map(({ approve, approved, text }) => [
    'waits for',
    approve === 0 ? `people: ${text}` : `people: ${approved} of ${approve}: ${text}${who}`,
  ]);
}

/** Every stage of every requirement: where it stands, who approved, and who may review while it is open. */
export function stageRows({ requirements }: Panel): string[][] {
  return requirements.flatMap(({ requirement, stages }) =>
    requirement.stages.map((stage, index) => {
      const now = stages[index];
      return [
        requirement.binding,
        stage.name,
        now?.status ?? 'waiting',
        stageText(stage),
        now ? standing(now, stage) : '',
      ];
    }),
  );
}

function standing(
  { status, by, approvedBy, deniedBy, approvers, dueAt }: StageProgress,
  asked: Pick<Stage, 'approvers'>,
): string {
  const open = approvers.map((who) => approversText(who)).join(', or ');
  return [
    ...(approvedBy.length > 0 ? [`approved by ${approvedBy.map(shortName).join(', ')}`] : []),
    ...(deniedBy.length > 0 ? [`denied by ${deniedBy.map(shortName).join(', ')}`] : []),
    ...(by === 'time' ? ['by time'] : []),
    ...(by === 'noApprovers' ? ['since nobody could decide'] : []),
    // Escalated, reassigned, or left to the fallback.
    ...(status === 'open' && open !== approversText(asked.approvers) ? [`open for ${open}`] : []),
    ...(status === 'open' && dueAt ? [`due ${dueAt}`] : []),
  ].join('; ');
}

/** `digest`: of the request as it is now; reviews of another do not count any more. */
export function reviewRows(reviews: readonly Review[], digest?: string): string[][] {
  return reviews.map(({ reviewer, decision, at, verified, requestDigest, comment }) => [
    decision,
    shortName(reviewer),
    at,
    verified ? 'verified' : 'not verified',
    [...(digest !== undefined && requestDigest !== digest ? ['(before it was amended)'] : []), comment ?? '']
      .join(' ')
      .trim(),
  ]);
}
