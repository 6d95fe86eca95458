import { shortName } from '../../../domain/arn.ts';
import type { OnboardingView } from '../../../domain/onboarding/state.ts';
import { progressOf } from '../../../domain/onboarding/view.ts';
import { columns } from '../../output.ts';

/** The lines for people: how far it is, then its steps, then where to look. */
export function describeOnboarding(view: OnboardingView, uiUrl: string | null): string[] {
  const { id, state, outcome, percent, flow, member, requestedBy, flowDigest, next, incident, error, grants } = view;
  const steps = progressOf(view).steps.map((step) => [
    step.status,
    step.id,
    step.what,
    [step.who, ...(step.people ?? []).map(shortName)].filter(Boolean).join(' '),
    step.error ?? step.dueAt ?? step.endedAt ?? '',
  ]);
  return [
    `${outcome ?? state}, ${percent} %: ${flow.title ?? flow.name} for ${member.name}`,
    ...columns(
      [
        ['id', id],
        ['asked by', requestedBy],
        ...(flowDigest ? [['flow', `${flow.name}, digest ${flowDigest.slice(0, 12)}`]] : []),
        ...(next ? [['next', `${next.what} at ${next.at}`]] : []),
        ...(incident ? [['incident', `${incident.step}: ${incident.error.type}: ${incident.error.message}`]] : []),
        ...(incident?.error.hint ? [['what to do', incident.error.hint]] : []),
        ...(error ? [['failed', `${error.type}: ${error.message}`]] : []),
        ...(uiUrl ? [['Temporal UI', uiUrl]] : []),
      ],
      '  ',
    ),
    '  steps',
    ...columns(steps, '    '),
    ...(grants.length > 0 ? ['  memberships that it made', ...columns(grantRows(view), '    ')] : []),
  ];
}

function grantRows({ grants }: OnboardingView): string[][] {
  return grants.map(({ step, request, settled }) => [step, request.type, shortName(request.channelArn), settled ?? '']);
}
