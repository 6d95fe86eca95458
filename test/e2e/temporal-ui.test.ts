import { chromium } from 'playwright-core';
import type { Browser, Frame, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Answer } from '../../src/domain/view.ts';
import { startAdmission, valueOf } from '../support/admission.ts';
import type { TestAdmission } from '../support/admission.ts';

const QUIET = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];
const OFFLINE = ['--disable-background-networking', '--disable-component-update', '--disable-sync'];
/** Nothing of this may become Markdown or HTML. */
const REASON = 'audits <b>the</b> board *weekly*';

let admission: TestAdmission;
let browser: Browser;
let page: Page;
let asked: Answer;
beforeAll(async () => {
  [admission, browser] = await Promise.all([
    startAdmission(),
    chromium.launch({ executablePath: '/usr/bin/chromium', headless: true, args: [...QUIET, ...OFFLINE] }),
  ]);
  page = await browser.newPage({ viewport: { width: 1400, height: 1400 } });
  page.setDefaultTimeout(20_000);
  page.setDefaultNavigationTimeout(20_000);
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
  await browser?.close();
  await admission?.close();
});

async function open(tab: 'history' | 'user-metadata' | 'search-attributes'): Promise<void> {
  const { id, runId } = asked;
  const workflows = `${inject('temporalUi')}/namespaces/default/workflows`;
  await page.goto(`${workflows}/${encodeURIComponent(id)}/${runId}/${tab}`, { waitUntil: 'domcontentloaded' });
}

/** The frame in which the UI renders Markdown that holds this text; the page polls for ever, so texts are waited for. */
async function frameWith(text: string): Promise<Frame> {
  let found: Frame | undefined;
  const find = async () => {
    for (const frame of page.frames().slice(1)) if ((await textOf(frame)).includes(text)) found = frame;
    return found !== undefined;
  };
  await expect.poll(find, { timeout: 20_000, message: text }).toBe(true);
  if (!found) throw new Error(`no frame with ${text}`);
  return found;
}

async function textOf(frame: Frame): Promise<string> {
  return frame
    .locator('body')
    .innerText({ timeout: 1_000 })
    .catch(() => '');
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
