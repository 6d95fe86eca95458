import { describe, expect, test } from 'vitest';
import { describeOnboarding } from '../../src/cli/describe/onboarding.ts';
import { describeAnswer, describePlan, describeView } from '../../src/cli/describe/request.ts';
import { describeInput, fieldRows } from '../../src/cli/describe/rows.ts';
import { printError } from '../../src/cli/output.ts';
import { COMMANDS } from '../../src/schemas/commands.ts';
import { ONBOARDING_COMMANDS } from '../../src/schemas/onboarding.ts';
import { Flow } from '../../src/schemas/flow.ts';
import type { OnboardingView } from '../../src/domain/onboarding/view.ts';
import { viewOf as onboardingViewOf } from '../../src/domain/onboarding/view.ts';
import { planOf } from '../../src/domain/plan.ts';
import { REQUEST_FIELDS } from '../../src/domain/request.ts';
import { answerFor } from '../../src/domain/view.ts';
import { ONBOARDING_FIELDS } from '../../src/domain/onboarding/input.ts';
import type { RequestView } from '../../src/domain/view.ts';
import { textOf } from '../../src/notifications/channels/email.ts';
import { messageFor } from '../../src/notifications/message.ts';
import { formatIssue } from '../../src/yaml/problem.ts';
import { formatBacktest } from '../../src/authoring/backtest.ts';
import { explainRequest } from '../../src/authoring/explain.ts';
import { formatExplanation } from '../../src/authoring/explain-text.ts';
import { formatSimulation } from '../../src/authoring/simulate.ts';
import { formatTestReport } from '../../src/authoring/test-report.ts';
import { currentDetails } from '../../src/domain/join/page.ts';
import { pageFrom } from '../../src/domain/onboarding/page.ts';
import { upcomingOf } from '../../src/domain/onboarding/deadlines.ts';
import { approval, begun, form, join } from '../onboarding/support.ts';
import { requestOf, user } from '../policies/fixtures.ts';
import { printed } from '../support/admit.ts';
import { MODS } from '../support/plans.ts';
import { HOSTILE, layout, openFields, openTexts, UNSEEN } from '../support/text-fields.ts';
import { after, bound, decisionOf, JUDGED, moderator, panelOf, pendingOn, reviewOf } from '../support/views.ts';

type Pages = Record<string, () => readonly string[]>;
/** The pages on which a text of people is told, or why there is none. */
type Row = string | ((text: string) => Pages);

const deed = { by: user('ada'), at: after(2), verified: true };
const asked = { binding: 'screening', schema: { type: 'object' }, prompt: 'Which?', expiresIn: '7d', dueAt: after(9) };

function panel(comment = 'fine', expression = 'true') {
  const requirement = bound({ stages: [{ approvers: { ...MODS, expression }, anyOf: [{ approve: 2 }] }] });
  const people = ['mona', 'max', 'mia'].map((name) => ({ ...moderator(name), matched: [expression] }));
  return panelOf([requirement], people, [reviewOf('mona', { comment, roles: ['channel_moderator'] })]);
}

/** A request on every page that tells of one. */
function request(fields: Partial<RequestView>, on = panel()): Pages {
  const view = { ...pendingOn(on, fields), uiUrl: null };
  const { requestedBy, memberArn } = view.request;
  const about = { id: 'e', kind: 'pending', at: after(1), workflowId: 'w', runId: 'r', request: view.request } as const;
  const subject = { ...about, requester: requestedBy, member: memberArn, code: 'NO', ...messageOf(view) };
  const explanation = explainRequest(view);
  const { composition: _composition, ...explained } = explanation;
  const simulation = { ...explained, now: after(1), policySet: { digest: 'd' }, inputs: view.inputs, executor: null };
  return {
    show: () => describeView(view),
    answer: () => describeAnswer({ ...answerFor(view), approvals: view.approvals, uiUrl: null }),
    plan: () => describePlan(planOf(view)),
    input: () => view.inputs.flatMap(describeInput),
    explain: () => formatExplanation(explanation),
    simulate: () => formatSimulation(simulation),
    details: () => currentDetails(view).split('\n'),
    mail: () => {
      const message = messageFor(subject, { id: 'd', channel: 'c', to: requestedBy, as: 'operators' });
      return [message.subject, ...textOf(message).split('\n')];
    },
  };
}

function messageOf({ reason }: RequestView): { message?: string } {
  return reason === undefined ? {} : { message: reason.message };
}

const STEPS = [form('form'), approval('review'), join('team')];

function onboarding(fields: Partial<OnboardingView>, steps: readonly object[] = STEPS): Pages {
  const state = begun(steps);
  const view = { ...onboardingViewOf(state), ...fields };
  return {
    show: () => describeOnboarding(view, null),
    details: () => pageFrom(view, upcomingOf(state)).split('\n'),
  };
}

/** A refusal that quotes it in every place where one may. */
function refused(text: string): Pages {
  return {
    error: () => {
      const error = { code: text, message: text, field: text, accepted: text, details: [text] };
      return printed(() => printError(false, error))
        .trimEnd()
        .split('\n');
    },
  };
}

const because = (reason: string) => request({ request: requestOf({ reason }) });
const noted = (reason: string) => request({ notes: [{ ...deed, what: 'retry', reason }] });
const step = (more: (text: string) => object) => (text: string) =>
  onboarding({}, [{ ...form('form'), ...more(text) }, join('team')]);
const notedStep = (reason: string) => onboarding({ notes: [{ ...deed, what: 'skip', reason }] });
const approvers = (text: string) => request({}, panel('fine', text));
const TO_CHANNEL = 'goes to Chime as a message: no page tells it';
const CEL = 'an expression of a flow has to be CEL: approvers of a request stand for it (reassign.to.expression)';
const CONDITION = 'is compared, and told nowhere';

const ROWS: Record<string, Row> = {
  'actor.principal': (by) => ({ ...refused(by), ...request({ notes: [{ ...deed, by, what: 'retry' }] }) }),
  'actor.assertion': 'a proof: told nowhere',
  'join.reason': because,
  'review.comment': (text) => request({}, panel(text)),
  'amend.changes.subChannelId': refused,
  'amend.changes.chimeBearer': refused,
  'amend.changes.reason': because,
  'amend.changes.term': refused,
  'submitInput.binding': refused,
  'submitInput.answers.KEY': (text) =>
    request({ answers: [{ ...deed, binding: 'screening', answers: { [text]: 1 } }] }),
  'submitInput.answers.*': (text) => request({ answers: [{ ...deed, binding: 'screening', answers: { a: text } }] }),
  'override.reason': (reason) => request({ override: { ...deed, reason, ticket: 'T-1' } }),
  'override.ticket': (ticket) => request({ override: { ...deed, reason: 'so', ticket } }),
  'reassign.binding': refused,
  'reassign.to.expression': approvers,
  'reassign.reason': noted,
  'retry.reason': noted,
  'abandon.reason': noted,
  'extend.reason': (reason) =>
    request({
      extension: { ...deed, ms: 86_400_000, reason, ...JUDGED, panel: panel(reason) },
      term: { startedAt: after(0), endsAt: after(24), limitMs: 86_400_000 } as never,
    }),
  'revoke.reason': (reason) => request({ revocation: { ...deed, id: 'w', reason, state: 'removed' } }),
  'reevaluate.policyDigest': 'is compared with a digest, and told nowhere',
  'onboard.submitInput.answers.KEY': CONDITION,
  'onboard.submitInput.answers.*': CONDITION,
  'onboard.review.comment': (text) => {
    const view = onboardingViewOf(begun([approval('review'), join('team')]));
    const steps = view.steps.map((one, index) => (index === 0 ? { ...one, panel: panel(text) } : one));
    return { ...onboarding({ steps }, [approval('review'), join('team')]), ...request({}, panel(text)) };
  },
  'onboard.skip.reason': notedStep,
  'onboard.retryStep.reason': notedStep,
  'onboard.pause.reason': notedStep,
  'onboard.resume.reason': notedStep,
  'onboard.cancel.reason': (reason) =>
    onboarding({ ending: { outcome: 'cancelled', compensate: true, reason, by: deed } }),
  'onboard.start.flow.KEY': refused,
  'onboard.start.flow.*': refused,
  'onboard.start.params.KEY': refused,
  'onboard.start.params.*': refused,
  'flow.params.*.default': refused,
  'flow.steps.*.if.equals': CONDITION,
  'flow.steps.*.prompt': step((prompt) => ({ prompt })),
  'flow.steps.*.schema.KEY': (text) => ({ fields: () => fieldRows({ properties: { [text]: {} } }) }),
  'flow.steps.*.schema.*': (text) => ({
    fields: () => fieldRows({ properties: { a: { title: text, description: text, enum: [text], const: text } } }),
  }),
  'flow.steps.*.text': TO_CHANNEL,
  'flow.steps.*.requirement.stages.*.approvers.expression': CEL,
  'flow.steps.*.requirement.stages.*.anyOf.*.approvers.expression': CEL,
  'flow.steps.*.requirement.stages.*.fallback.expression': CEL,
  'flow.steps.*.requirement.stages.*.timedActions.*.to.expression': CEL,
  'flow.steps.*.requirement.approvers.expression': CEL,
};

/** What policies, their authors and Chime say; no schema of a command has these. */
const OTHERS: Record<string, (text: string) => Pages> = {
  'message of a policy': (message) =>
    request({
      decisions: [decisionOf({ evaluation: 'deny', action: 'none', code: 'NO', message, warnings: [message] })],
      reason: { code: 'NO', message, binding: 'x', visibility: 'full' },
    }),
  'condition of a policy': (text) =>
    request({ decisions: [decisionOf({ conditions: [{ name: text, expression: text, value: true }] })] }),
  'prompt of a policy': (prompt) => request({ inputs: [{ ...asked, prompt }] }),
  'name of a member in Chime': (name) => request({ member: { arn: user('alice'), name } }),
  'error of Chime': (text) => request({ error: { type: text, message: text, hint: text, requestId: text } }),
  'member of an onboarding': (name) => onboarding({ member: { arn: user('alice'), id: 'alice', name } }),
  'error of an onboarding': (text) => onboarding({ error: { type: text, message: text, hint: text } }),
  'mistake in a file': (text) => ({
    lint: () => [formatIssue({ file: text, path: text, message: text, accepted: text })],
  }),
  'report of a test': (text) => {
    const one = {
      name: text,
      line: 1,
      ok: false,
      problems: [text],
      differences: [{ what: text, expected: text, actual: text }],
    };
    return { test: () => formatTestReport({ ok: false, passed: 0, failed: 1, files: [{ file: text, cases: [one] }] }) };
  },
  'a backtest': (why) => ({
    backtest: () =>
      formatBacktest({
        changed: [],
        undecidable: [{ id: 'x', because: why }],
        unchanged: 0,
        neverDecided: 0,
        reusedAnswers: 0,
      } as never),
  }),
};

/** The pages whose structure a hostile text changes, with the text. */
function brokenBy(row: (text: string) => Pages): string[] {
  const harmless = row('harmless');
  return HOSTILE.flatMap((text) =>
    Object.entries(row(text)).flatMap(([name, lines]) => {
      const [found, expected] = [layout(name, lines()), layout(name, harmless[name]?.() ?? [])];
      const isRaw = ['details', 'mail'].includes(name) && UNSEEN.test(lines().join(''));
      return isRaw || found.join('\n') !== expected.join('\n') ? [`${name}: ${JSON.stringify(text)}`] : [];
    }),
  );
}

function told(pages: Pages): string {
  return Object.values(pages)
    .flatMap((lines) => lines())
    .join('\n');
}

function fieldsOf(): string[] {
  const schemas = [
    ...Object.entries(COMMANDS),
    ...Object.entries(ONBOARDING_COMMANDS).map(([name, schema]) => [`onboard.${name}`, schema] as const),
    ['flow', Flow],
  ] as const;
  const checked = [
    ['join', REQUEST_FIELDS],
    ['onboard.start', ONBOARDING_FIELDS],
  ] as const;
  const found = [
    ...schemas.flatMap(([name, schema]) => openTexts(schema).map((path) => `${name}.${path}`)),
    ...checked.flatMap(([name, fields]) => openFields(fields).map((path) => `${name}.${path}`)),
  ];
  return [...new Set(found.map((path) => path.replace(/^.*\.(actor\.\w+)$/, '$1')))].toSorted();
}

test('every text field of every command that takes a hostile text has a row', () => {
  expect(Object.keys(ROWS).toSorted()).toEqual(fieldsOf());
});

const rows = Object.entries({ ...ROWS, ...OTHERS }).flatMap(([name, row]) =>
  typeof row === 'string' ? [] : [[name, row] as const],
);

describe('hostile text keeps lines, columns and headings as harmless text does', () => {
  test.each(rows)('%s', (_, row) => {
    expect(told(row('harmless'))).toContain('harmless');
    expect(brokenBy(row)).toEqual([]);
  });
});
