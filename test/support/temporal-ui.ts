import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Frame, Page } from 'playwright-core';
import { expect, inject } from 'vitest';

type Tab = 'history' | 'user-metadata' | 'search-attributes' | 'pending-activities';

/** The Temporal UI in a real browser. Its pages poll for ever, so texts are waited for, never silence. */
export interface TemporalUi {
  readonly page: Page;
  open(run: { id: string; runId: string }, tab: Tab): Promise<void>;
  /** The frame in which the UI renders Markdown that holds this text. */
  frameWith(text: string): Promise<Frame>;
  /** Keeps a picture of the page for people to look at, in the folder that SCREENSHOTS names, if it does. */
  screenshot(name: string): Promise<void>;
  close(): Promise<void>;
}

const QUIET = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];
const OFFLINE = ['--disable-background-networking', '--disable-component-update', '--disable-sync'];

export async function openTemporalUi(): Promise<TemporalUi> {
  const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath, headless: true, args: [...QUIET, ...OFFLINE] });
  const page = await browser.newPage({ viewport: { width: 1400, height: 1400 } });
  page.setDefaultTimeout(20_000);
  page.setDefaultNavigationTimeout(20_000);
  return {
    page,
    async open({ id, runId }, tab) {
      const workflows = `${inject('temporalUi')}/namespaces/default/workflows`;
      await page.goto(`${workflows}/${encodeURIComponent(id)}/${runId}/${tab}`, { waitUntil: 'domcontentloaded' });
    },
    async frameWith(text) {
      let found: Frame | undefined;
      const find = async () => {
        for (const frame of page.frames().slice(1)) if ((await textOf(frame)).includes(text)) found = frame;
        return found !== undefined;
      };
      await expect.poll(find, { message: text }).toBe(true);
      if (!found) throw new Error(`no frame with ${text}`);
      return found;
    },
    async screenshot(name) {
      const folder = process.env['SCREENSHOTS'];
      if (folder) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
    },
    close: () => browser.close(),
  };
}

/** What can be read in a frame; nothing while it loads. */
export async function textOf(frame: Frame): Promise<string> {
  return frame
    .locator('body')
    .innerText({ timeout: 1_000 })
    .catch(() => '');
}

/** Runs in the browser: what can be read only by scrolling within the frame. */
export const CUT_OFF = `[...document.querySelectorAll('p, li, td')]
  .filter((one) => one.textContent.trim() !== '' && one.getBoundingClientRect().bottom > innerHeight)
  .map((one) => one.textContent)`;
