import type { Frame, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RequestView } from '../../src/domain/view.ts';
import { startAdmission, valueOf } from '../support/admission.ts';
import type { TestAdmission } from '../support/admission.ts';
import { DEFER_UNTIL, houseRules, NASTY } from '../support/house-rules.ts';
import { CUT_OFF, openTemporalUi, textOf } from '../support/temporal-ui.ts';
import type { TemporalUi } from '../support/temporal-ui.ts';

let admission: TestAdmission;
let ui: TemporalUi;
let page: Page;
beforeAll(async () => {
  [admission, ui] = await Promise.all([startAdmission({}, { policySet: houseRules() }), openTemporalUi()]);
  ({ page } = ui);
});
afterAll(async () => {
  await ui?.close();
  await admission?.close();
});

async function asked(memberArn: string, fields: object): Promise<RequestView> {
  const { service, emulator } = admission;
  const { id } = valueOf(await service.join({ channelArn: emulator.channel('lobby'), memberArn, ...fields }));
  return valueOf(await service.show(id));
}

async function shownNow({ id }: RequestView): Promise<RequestView> {
  return valueOf(await admission.service.show(id));
}

/** The details, once the UI shows them in full. */
async function detailsOf(view: RequestView, headline: string): Promise<Frame> {
  await ui.open(view, 'user-metadata');
  const details = await ui.frameWith(headline);
  await expect.poll(() => details.evaluate(CUT_OFF)).toEqual([]);
  await ui.screenshot(`${view.state}-${view.waitsFor ?? view.incident?.during ?? (view.extension ? 'longer' : '')}`);
  return details;
}

interface Scene {
  /** Makes the request, and brings it into the state. */
  readonly make: (memberArn: string) => Promise<RequestView>;
  readonly headline: string;
  /** What has to be read: which policy decided what, who may act, what fires next and when. */
  readonly tells: (view: RequestView) => readonly (string | RegExp)[];
  /** What is told on another page. */
  readonly also?: (view: RequestView) => Promise<void>;
}

const day = (from: string | undefined, days: number) =>
  new Date(Date.parse(from ?? '') + days * 86_400_000).toISOString();

const SCENES: Readonly<Record<string, Scene>> = {
  'waits for people, on a ladder of two stages': {
    make: (memberArn) => asked(memberArn, { reason: 'ladder' }),
    headline: 'Pending: people have to decide',
    tells: ({ panel, deadline, expiresAt = '' }) => {
      const began = panel?.requirements[0]?.stages[0]?.startedAt;
      return [
        `Pending: people have to decide by ${deadline?.at}. Expires ${expiresAt} at the latest.`,
        /house-rules\s+requireApproval\s+pend\s+needs 2 approvals by channel_moderator, then 1 approval by app_instance_admin/,
        /Who may approve: 3 people may review \(2 channel moderators, 1 app instance admin\)/,
        `it has 0 of 2. Until ${day(began, 5)}. Now it is up to channel_moderator: mona, max`,
        `Next, ${day(began, 1)}: house-rules, stage operators: reminder to the approvers.`,
        `${day(began, 2)}: house-rules, stage operators: escalation to app_instance_admin`,
        `${day(began, 5)}: house-rules, stage operators: denied`,
        /stage owners: begins when the stage before it is approved; needs 1 approval by app_instance_admin, within 3d/,
        'review, by who may approve: {"actor":ACTOR',
      ];
    },
  },
  'waits for answers': {
    make: (memberArn) => asked(memberArn, { reason: 'questions' }),
    headline: 'Pending: the requester has to answer',
    tells: ({ inputs: [input] }) => [
      /house-rules\s+requireInput\s+ask\s+Do you accept the rules\?/,
      `house-rules, until ${input?.dueAt}: Do you accept the rules? ${NASTY} (rules)`,
      `Next, ${input?.dueAt}: house-rules: the request expires, if it is not answered.`,
      'submitInput, by the requester or the member: {"actor":ACTOR',
      '"binding":"house-rules","answers":{"rules":"…"}}',
    ],
  },
  'waits for a time': {
    make: (memberArn) => asked(memberArn, { reason: 'patience' }),
    headline: 'Pending: the policies want to wait until',
    tells: ({ requestedAt }) => [
      /house-rules\s+defer\s+defer\s+Members of a day are not let in\./,
      `Next, ${DEFER_UNTIL}: The policies are asked again.`,
      `${day(requestedAt, 20)}: The request expires, if the policies still want to wait.`,
      'withdraw, by the requester or the member',
      'override, by an app instance admin',
    ],
  },
  'is being granted, while Chime throttles': {
    async make(memberArn) {
      const fault = { kind: 'exception', name: 'ThrottledClientException', retryAfter: 3_600 };
      await admission.emulator.fault('CreateChannelMembership', fault, { count: 1_000, memberArn });
      return asked(memberArn, {});
    },
    headline: 'Granting: the call to Chime is under way',
    tells: ({ bearer }) => [
      /Its attempts, and when the next is due, stand under Pending Activities/,
      /house-rules\s+allow\s+admit/,
      `Chime is called as ${bearer}`,
    ],
    async also(view) {
      await ui.open(view, 'pending-activities');
      await page.getByText('createChannelMembership').first().waitFor();
      const told = await page.locator('main').innerText();
      expect(told).toMatch(/Attempt\s+2 of/);
      expect(told).toMatch(/Next Retry\s+\d{4}-\d\d-\d\d.*\s+\(3[56]\d\ds\)/);
      expect(told).toContain('Chime allows 10 calls/s for each bearer');
    },
  },
  'has an incident': {
    async make(memberArn) {
      const { emulator, service } = admission;
      await emulator.fault('CreateChannelMembership', { kind: 'exception', name: 'ForbiddenException' }, { memberArn });
      const pending = await asked(memberArn, { reason: 'approval' });
      const actor = { principal: emulator.user('mona') };
      valueOf(await service.review(pending.id, { actor, decision: 'approve', comment: NASTY }));
      await expect.poll(async () => (await shownNow(pending)).state).toBe('incident');
      return shownNow(pending);
    },
    headline: 'Incident: an operator has to act',
    tells: ({ incident }) => [
      /house-rules\s+requireApproval\s+pend\s+needs 1 approval by channel_moderator/,
      'ForbiddenException',
      `An app instance admin, such as ada, has until ${incident?.dueAt}`,
      `Next, ${incident?.dueAt}: The request fails, if no app instance admin has acted.`,
      'retry, by an app instance admin: {"actor":ACTOR',
      'abandon, by an app instance admin: {"actor":ACTOR',
      new RegExp(`approve by mona .*as channel_moderator, at .*: ${NASTY.replaceAll('*', String.raw`\*`)}`),
    ],
  },
  'is a membership with a term': {
    async make(memberArn) {
      const view = await asked(memberArn, { reason: 'term', term: '365d' });
      await expect.poll(async () => (await shownNow(view)).state).toBe('active');
      return shownNow(view);
    },
    headline: 'Active: the membership is there until',
    tells: ({ term, invitedBy }) => [
      /house-rules\s+allow\s+admit\s+at most 90d/,
      'as a DEFAULT member, for 365d',
      `there until ${day(term?.startedAt, 90)}`,
      `Next, ${day(term?.startedAt, 83)}: People hear that the term ends.`,
      `${day(term?.startedAt, 89)}: People hear that the term ends.`,
      `${term?.endsAt}: The term ends: the membership is removed`,
      `InvitedBy ${invitedBy}`,
      'revoke, by the requester or the member, a channel moderator or an app instance admin',
    ],
  },
  'is a membership for which a longer term is asked': {
    async make(memberArn) {
      const view = await asked(memberArn, { reason: 'term', term: '30d' });
      await expect.poll(async () => (await shownNow(view)).state).toBe('active');
      const actor = { principal: memberArn };
      valueOf(await admission.service.give(view.id, 'extend', { actor, by: '10d', reason: NASTY }));
      return shownNow(view);
    },
    headline: 'Active: the membership is there until',
    tells: ({ term, extension }) => [
      /house-rules\s+allow\s+admit\s+at most 90d/,
      `A longer term, until ${day(term?.startedAt, 40)}, was asked for by`,
      `at ${extension?.at}`,
      'waits for 1 approval by channel_moderator',
      'never the requester, the member, the bearer or who asks for it',
      'Now it is up to channel_moderator: mona, max',
      `Next, ${day(term?.startedAt, 23)}: People hear that the term ends.`,
      'review, by who may approve: {"actor":ACTOR',
      'revoke, by the requester or the member, a channel moderator or an app instance admin',
    ],
  },
  'is held, since the membership could not be removed': {
    async make(memberArn) {
      const fault = { kind: 'exception', name: 'ForbiddenException' };
      await admission.emulator.fault('DeleteChannelMembership', fault, { memberArn });
      const view = await asked(memberArn, { reason: 'term', term: '1s' });
      await expect.poll(async () => (await shownNow(view)).state).toBe('incident');
      return shownNow(view);
    },
    headline: 'Incident: an operator has to act',
    tells: ({ incident }) => [
      /house-rules\s+allow\s+admit\s+at most 90d/,
      'the membership could not be removed',
      `Next, ${incident?.dueAt}: The request fails, and the member stays, if no app instance admin has acted.`,
      'ForbiddenException',
      `has until ${incident?.dueAt}`,
      'retry, by an app instance admin: {"actor":ACTOR',
      'abandon, by an app instance admin: {"actor":ACTOR',
    ],
  },
};

describe.each(Object.entries(SCENES))(
  'a request that %s: the Temporal UI alone',
  (title, { make, headline, tells, also }) => {
    test('tells what is asked, what each policy decided, who may act, and what fires next and when', async () => {
      const memberArn = await admission.emulator.newUser(`user-${title.length}`);
      const view = await make(memberArn);
      const frame = await detailsOf(view, headline);
      // User text is everywhere, and none of it is HTML or a link.
      expect(await frame.locator('a, b, em').count()).toBe(0);
      const details = await textOf(frame);
      expect(details).toContain(memberArn);
      expect(details).toContain(view.request.channelArn);
      expect(details).toMatch(/Asked by .*to join lobby as a DEFAULT member/);
      expect(details).toMatch(/ban\s+notApplicable\s+none/);
      for (const told of tells(view))
        expect(details).toEqual(expect.stringMatching(typeof told === 'string' ? literal(told) : told));
      await also?.(view);
    });
  },
);

function literal(text: string): RegExp {
  return new RegExp(text.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`));
}

test('a request that nobody can judge, since Chime is away, tells what is asked and what is tried', async () => {
  const { emulator } = admission;
  const memberArn = await emulator.newUser('user-outage');
  const fault = { kind: 'exception', name: 'ServiceUnavailableException', retryAfter: 3_600 };
  await emulator.fault('DescribeChannelMembership', fault, { count: 1_000, memberArn });
  const view = await asked(memberArn, { reason: NASTY });
  const details = await textOf(await detailsOf(view, 'Evaluating: policies are being asked'));
  expect(details).toContain(memberArn);
  expect(details).toContain('withdraw, by the requester or the member');
  await ui.open(view, 'pending-activities');
  await page.getByText('admit').first().waitFor();
  const told = await page.locator('main').innerText();
  expect(told).toMatch(/ServiceUnavailableException/);
  expect(told).toMatch(/Next Retry\s+\d{4}-\d\d-\d\d/);
});
