import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RequestView } from '../../src/domain/view.ts';
import { startAdmission, valueOf } from '../support/admission.ts';
import type { TestAdmission } from '../support/admission.ts';
import { houseRules, NASTY } from '../support/house-rules.ts';
import { openTemporalUi, textOf } from '../support/temporal-ui.ts';
import type { TemporalUi } from '../support/temporal-ui.ts';

let admission: TestAdmission;
let ui: TemporalUi;
let page: Page;
let hidden: RequestView;
beforeAll(async () => {
  [admission, ui] = await Promise.all([startAdmission({}, { policySet: houseRules() }), openTemporalUi()]);
  ({ page } = ui);
  const { emulator, service } = admission;
  const about = { channelArn: emulator.channel('board'), memberArn: emulator.user('alice'), type: 'HIDDEN' };
  const { id } = valueOf(await service.join({ ...about, requestedBy: emulator.user('mona'), reason: NASTY }));
  hidden = valueOf(await service.show(id));
});
afterAll(async () => {
  await ui?.close();
  await admission?.close();
});

test('a pending HIDDEN request renders a table of verdicts and a list of what is asked, and user text as plain text', async () => {
  await ui.open(hidden, 'user-metadata');
  const details = await ui.frameWith('Pending');
  const rows = await details.locator('table tr').allInnerTexts();
  const verdicts = rows.map((row) => row.split('\t').slice(0, 3).join(' ').trim());
  expect(verdicts).toEqual([
    'policy verdict action',
    'ban notApplicable none',
    'sub-channel notApplicable none',
    'hidden-approval requireApproval pend',
    'house-rules allow admit',
  ]);
  expect(await details.locator('b:text-is("the")').count()).toBe(0);
  expect(await details.locator('a').count()).toBe(0);
  expect(await details.locator('li').allInnerTexts()).toContainEqual(`reason: ${NASTY}`);
});

test('a pending HIDDEN request names nobody in its summary, its static details and its search attributes', async () => {
  const { emulator } = admission;
  await ui.open(hidden, 'user-metadata');
  const summary = await ui.frameWith('HIDDEN member for board');
  expect(await textOf(summary)).not.toContain('alice');
  expect(await textOf(await ui.frameWith('A request for'))).not.toContain('alice');
  await ui.open(hidden, 'search-attributes');
  const attributes = page.locator('main');
  await attributes.getByText('AdmissionState').first().waitFor();
  expect(await attributes.innerText()).toContain(emulator.channel('board'));
  expect(await attributes.innerText()).not.toMatch(/"AdmissionMember": "|user\/alice/);
});

test('a pending HIDDEN request says on its timeline when it expires, and in its history what the policies were asked for', async () => {
  await ui.open(hidden, 'history');
  const texts = [
    page.locator('svg').getByText(`Expires ${hidden.expiresAt}`).first(),
    page.getByText('Read the facts and ask every policy').first(),
  ];
  await Promise.all(texts.map((text) => text.waitFor()));
  expect(await texts[0]?.isVisible()).toBe(true);
});
