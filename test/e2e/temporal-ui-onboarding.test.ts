import { afterAll, beforeAll, expect, test } from 'vitest';
import { onboardingsOf } from '../onboarding/scene.ts';
import { startAdmission } from '../support/admission.ts';
import type { TestAdmission } from '../support/admission.ts';
import type { OnboardingView } from '../../src/domain/onboarding/view.ts';
import { NASTY } from '../support/house-rules.ts';
import { CUT_OFF, openTemporalUi, textOf } from '../support/temporal-ui.ts';
import type { TemporalUi } from '../support/temporal-ui.ts';

let admission: TestAdmission;
let ui: TemporalUi;
let scene: Awaited<ReturnType<typeof onboardingsOf>>;
beforeAll(async () => {
  [admission, ui] = await Promise.all([startAdmission(), openTemporalUi()]);
  scene = await onboardingsOf(admission);
});
afterAll(async () => {
  await ui?.close();
  await admission?.close();
});

const later = (from: string, days: number) => new Date(Date.parse(from) + days * 86_400_000).toISOString();
const MENTORS = {
  name: 'mentors',
  approvers: { roles: ['channel_moderator'] },
  anyOf: [{ approve: 1 }],
  timedActions: [{ at: '1d', do: 'remind' }],
};
const questions = { type: 'object', properties: { role: { type: 'string' } }, required: ['role'] };

/** Done, not needed, now and to come; user text everywhere. */
function steps(lobby: string, board: string) {
  return [
    { id: 'team', kind: 'join', channelArn: lobby },
    { id: 'hello', kind: 'message', channelArn: lobby, text: 'Hello' },
    { id: 'form', kind: 'input', title: NASTY, prompt: NASTY, schema: questions, dueIn: '3d', remind: ['1d'] },
    { id: 'kit', kind: 'message', channelArn: lobby, text: 'kit', if: { answer: 'form.role', equals: 'x' } },
    {
      id: 'check',
      kind: 'approval',
      title: `Check ${NASTY}`,
      channelArn: lobby,
      requirement: { stages: [MENTORS] },
      dueIn: '5d',
      remind: ['2d'],
      onFailure: 'hold',
    },
    { id: 'month', kind: 'wait', for: '20d' },
    { id: 'board', kind: 'join', channelArn: board, term: '90d', if: { step: 'check', is: 'done' } },
  ];
}

/** The details, once they stand in full, and none of the user text in them is HTML or a link. */
async function detailsOf(view: OnboardingView, headline: string): Promise<string> {
  await ui.open(view, 'user-metadata');
  const frame = await ui.frameWith(headline);
  await expect.poll(() => frame.evaluate(CUT_OFF)).toEqual([]);
  await ui.screenshot(`onboarding-${headline.slice(0, 8)}`);
  expect(await frame.locator('a, b, em').count()).toBe(0);
  return textOf(frame);
}

test('an open onboarding: the Temporal UI alone tells what is asked, how far it is, who may act, and what fires next and when', async () => {
  const { emulator, started, reaches, give } = scene;
  const [lobby, board] = [emulator.channel('lobby'), emulator.channel('board')];
  const { id, member } = await started(steps(lobby, board), { flow: { title: `First days ${NASTY}` } });
  const asking = await reaches(id, { steps: [{}, {}, { status: 'now' }, {}, {}, {}, {}] });
  const form = await detailsOf(asking, 'Running: 28 %, 2 of 7 steps have ended');
  const { dueAt: formDue = '', remindAt: [formRemind = ''] = [] } = asking.steps[2] ?? {};
  for (const told of [
    `Now form (${NASTY}): answers: ${NASTY}`,
    'the answers wanted: role',
    `it is up to the member (${member.split('/').at(-1)})`,
    `Next, ${formRemind}: form: people are reminded`,
    `${formDue}: form: overdue: the onboarding stops, and the memberships that it made are removed`,
    'submitInput, by the member: {"actor":ACTOR,"step":"form","answers":{"role":"…"}}',
  ])
    expect(form).toContain(told);

  await give(id, 'submitInput', member, { step: 'form', answers: { role: 'maker' } });
  const view = await reaches(id, { percent: 57, steps: [{}, {}, {}, {}, { status: 'now', panel: {} }, {}, {}] });
  const check = await detailsOf(view, 'Running: 57 %, 4 of 7 steps have ended');
  const { startedAt = '', dueAt = '', panel } = view.steps[4] ?? {};
  const opened = panel?.requirements[0]?.stages[0]?.startedAt ?? '';
  for (const told of [
    `Asked by mona (not verified): First days ${NASTY} for ${member.split('/').at(-1)}`,
    `member ${member}`,
    `channel ${lobby}`,
    `channel ${board}`,
    `Now check (Check ${NASTY}): approval for lobby`,
    `it has 0 of 1. Until ${dueAt}. Now it is up to channel_moderator: max`,
    `Next, ${later(opened, 1)}: check: reminder to the approvers.`,
    `${later(startedAt, 3)}: check: people are reminded`,
    `${dueAt}: check: overdue: an operator has to decide`,
    'month: waits for 20d',
    'board: joins board as a DEFAULT member for 90d; then it is up to whom the policies ask, if it is needed then',
    'review, by who may approve: {"actor":ACTOR,"step":"check","decision":"approve"}',
    'cancel, by who asked or an app instance admin: {"actor":ACTOR,"reason":"…","compensate":true}',
    `done ${view.steps[0]?.endedAt}: team: joins lobby as a DEFAULT member; the request is join:`,
    `not needed ${view.steps[3]?.endedAt}: kit: a message to lobby`,
    'team: DEFAULT in lobby',
  ])
    expect(check).toContain(told);
});
