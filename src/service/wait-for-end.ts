import { setTimeout } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { SEARCH_ATTRIBUTES } from '../domain/search-attributes.ts';

const STATE = defineSearchAttributeKey('AdmissionState', SEARCH_ATTRIBUTES.AdmissionState);
const LOOK_EVERY_MS = 1_000;

/** Waits until a request is closed, or is not there; with `orActive`, no longer than until the member is in. */
export async function waitForEnd(id: string, orActive: boolean, client: Client): Promise<void> {
  const handle = client.workflow.getHandle(id);
  const closed = handle.result().then(
    () => true,
    () => true,
  );
  if (!orActive) return void (await closed);
  for (;;) {
    // Of the server alone: whoever waits for days does not trouble a worker.
    const found = await handle.describe().catch(() => undefined);
    if (found?.typedSearchAttributes.get(STATE) === 'active') return;
    if (await Promise.race([closed, setTimeout(LOOK_EVERY_MS, false)])) return;
  }
}
