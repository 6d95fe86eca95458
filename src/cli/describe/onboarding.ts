import { shortName } from '../../domain/arn.ts';
import { progressOf, type ProgressStep } from '../../domain/onboarding/progress.ts';
import type { OnboardingView } from '../../domain/onboarding/view.ts';
import { cells } from '../../domain/text.ts';
import { columns } from '../output.ts';
import { section } from './rows.ts';
import { doneBy } from './waiting.ts';

/** The lines for people: how far it is, then its steps, then where to look. */
export function describeOnboarding(told: OnboardingView, uiUrl: string | null): string[] {
  const view = cells(told);
  const { id, state, outcome, percent, flow, member, flowDigest, next, error } = view;
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
        ['asked by', askedBy(view)],
        ...(flowDigest ? [['flow', `${flow.name}, digest ${flowDigest.slice(0, 12)}`]] : []),
        ...(view.reviewDigest ? [['digest', view.reviewDigest]] : []),
        ...(next ? [['next', `${next.what} at ${next.at}`]] : []),
        ...pauseRows(view),
        ...incidentRows(view),
        ...(error ? [['failed', `${error.type}: ${error.message}`]] : []),
        ...(uiUrl ? [['Temporal UI', uiUrl]] : []),
      ],
      '  ',
    ),
    ...section('steps', steps),
    ...section('memberships that it made', grantRows(view)),
    ...section(
      'notes',
      view.notes.map(({ what, reason, ...deed }) => [what, `by ${doneBy(deed)}`, reason ?? '']),
    ),
    ...toGoOn(view),
  ];
}

function askedBy({ requestedBy, requestedAt, requesterVerified }: OnboardingView): string {
  return `${shortName(requestedBy)} at ${requestedAt}${requesterVerified === false ? ', not verified' : ''}`;
}

function pauseRows({ state, pausedAt }: OnboardingView): string[][] {
  return state === 'paused'
    ? [['paused', `since ${pausedAt}: every time below comes later by as long as it lasts`]]
    : [];
}

function incidentRows({ incident }: OnboardingView): string[][] {
  if (!incident) return [];
  const { step, at, dueAt, error } = incident;
  return [
    ['incident', `${step}, since ${at}: ${error.type}: ${error.message}`],
    ...(error.hint ? [['what to do', error.hint]] : []),
    ['waits until', dueAt],
  ];
}

function toGoOn(view: OnboardingView): string[] {
  const commands = commandsNow(view);
  return commands.length > 0 ? ['', 'To go on:', ...commands.map((command) => `  ${command}`)] : [];
}

function grantRows({ grants }: OnboardingView): string[][] {
  return grants.map(({ step, request, settled }) => [step, request.type, shortName(request.channelArn), settled ?? '']);
}

/** What makes an onboarding go on: nothing where it waits for a time. */
function commandsNow(view: OnboardingView): string[] {
  const { id, state, incident, member } = view;
  if (state === 'paused') return [`admit onboard resume ${id} --reason WHY --as ADMIN_ARN`];
  if (incident) {
    return ['retry', 'skip'].map((name) => {
      return `admit onboard ${name} ${id} --step ${incident.step} --reason WHY --as ADMIN_ARN`;
    });
  }
  if (state !== 'running') return [];
  const now = progressOf(view).steps.filter(({ status }) => status === 'now');
  return now.flatMap((step) =>
    commandOf(step, view.steps.find(({ id: one }) => one === step.id)?.child?.id, id, member),
  );
}

function commandOf(
  { id: step, kind, people = [] }: ProgressStep,
  request: string | undefined,
  id: string,
  member: OnboardingView['member'],
): string[] {
  switch (kind) {
    case 'input':
      return [`admit onboard input ${id} ${step} --answers JSON --as ${member.arn}`];
    case 'approval':
      return [`admit onboard review ${id} ${step} --approve --as ${people[0] ?? 'APPROVER_ARN'}`];
    case 'join':
      return request === undefined ? [] : [`admit plan ${request}`];
    case 'message':
    case 'wait':
      return [];
  }
}
