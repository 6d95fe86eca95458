import type { Frame, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Answer } from '../../src/domain/view.ts';
import { startAdmission, valueOf } from '../support/admission.ts';
import type { TestAdmission } from '../support/admission.ts';
import { openTemporalUi, textOf } from '../support/temporal-ui.ts';
import type { TemporalUi } from '../support/temporal-ui.ts';

/** Nothing of this may become Markdown or HTML. */
const REASON = 'audits <b>the</b> board *weekly*';

let admission: TestAdmission;
let ui: TemporalUi;
let page: Page;
let asked: Answer;
beforeAll(async () => {
  [admission, ui] = await Promise.all([startAdmission(), openTemporalUi()]);
  ({ page } = ui);
  const { emulator, service } = admission;
  asked = valueOf(
    await service.join({
      channelArn: emulator.channel('board'),
      memberArn: emulator.user('alice'),
      requestedBy: emulator.user('mona'),
      type: 'HIDDEN',
      reason: REASON,
    }),
  );
});
afterAll(async () => {
  await ui?.close();
  await admission?.close();
});

async function open(tab: 'history' | 'user-metadata' | 'search-attributes'): Promise<void> {
  await ui.open(asked, tab);
}

async function frameWith(text: string): Promise<Frame> {
  return ui.frameWith(text);
}

describe('a pending HIDDEN request in the Temporal UI', () => {
  test('shows what is asked, each verdict, who may approve and when it expires', async () => {
    const { emulator } = admission;
    await open('user-metadata');
    const details = await textOf(await frameWith('Pending'));
    for (const name of ['alice', 'mona']) expect(details).toContain(emulator.user(name));
    expect(details).toContain(emulator.channel('board'));
    expect(details).toContain(asked.dueAt);
    expect(details).toMatch(/Who may approve: 2 people .*1 channel moderators?, 1 app instance admins?/);
    expect(details).toContain('0 of 1 approval');
  });

  test('renders a table of verdicts and a list of what is asked, and user text as plain text', async () => {
    await open('user-metadata');
    const details = await frameWith('Pending');
    const rows = await details.locator('table tr').allInnerTexts();
    const verdicts = rows.map((row) => row.split('\t').slice(0, 3).join(' ').trim());
    expect(verdicts).toEqual([
      'policy verdict action',
      'privacy notApplicable none',
      'ban notApplicable none',
      'sub-channel notApplicable none',
      'hidden-approval requireApproval pend',
    ]);
    expect(await details.locator('b:text-is("the")').count()).toBe(0);
    expect(await textOf(details)).toContain(REASON);
    expect(await details.locator('li').allInnerTexts()).toContainEqual(`reason: ${REASON}`);
  });

  test('names nobody in its summary, its static details and its search attributes', async () => {
    const { emulator } = admission;
    await open('user-metadata');
    const summary = await frameWith('HIDDEN member for board');
    expect(await textOf(summary)).not.toContain('alice');
    expect(await textOf(await frameWith('A request for'))).not.toContain('alice');
    await open('search-attributes');
    const attributes = page.locator('main');
    await attributes.getByText('AdmissionState').first().waitFor();
    expect(await attributes.innerText()).toContain(emulator.channel('board'));
    expect(await attributes.innerText()).not.toMatch(/"AdmissionMember": "|user\/alice/);
  });

  test('says on its timeline when it expires, and in its history what the policies were asked for', async () => {
    await open('history');
    const texts = [
      page.locator('svg').getByText(`Expires ${asked.dueAt}`).first(),
      page.getByText('Read the facts and ask every policy').first(),
    ];
    await Promise.all(texts.map((text) => text.waitFor()));
    expect(await texts[0]?.isVisible()).toBe(true);
  });
});
