import { describe, expect, test } from 'vitest';
import { cell as cellOf } from '../../src/domain/text.ts';
import type { ListFilter } from '../../src/service/list-requests.ts';
import { partyHash } from '../../src/workflow-id.ts';
import { valueOf } from '../support/admission.ts';
import { startScene } from './support.ts';

const scene = await startScene();
const { client, emulator, service } = scene;
const lobby = emulator.channel('lobby');
const board = emulator.channel('board');
const [ada, mona] = [emulator.user('ada'), emulator.user('mona')];

const EVIL =
  '| cell | `code` ``\n\n# head\r\n- item\n<img src=x onerror=alert(1)> [x](http://evil.example) ![i](y) **b** _i_ ~s~ &lt; \\| ```';

/** What an operator sees in Temporal without asking a worker. */
async function shown(id: string) {
  const description = await client.workflow.getHandle(id).describe();
  const { indexedFields } = description.raw.workflowExecutionInfo?.searchAttributes ?? {};
  const attributes = Object.entries(indexedFields ?? {})
    .filter(([name]) => name.startsWith('Admission'))
    .map(([name, { data }]) => [name, JSON.parse(Buffer.from(data ?? []).toString()) as unknown] as const);
  return {
    // An attribute that was unset reads null.
    attributes: Object.fromEntries(attributes.filter(([, value]) => value !== null)),
    memo: description.memo,
    summary: await description.staticSummary(),
    details: await description.staticDetails(),
  };
}

async function currentDetails(id: string): Promise<string> {
  interface Metadata {
    currentDetails: string;
  }
  return (await client.workflow.getHandle(id).query<Metadata>('__temporal_workflow_metadata')).currentDetails;
}

async function found(filter: Omit<ListFilter, 'limit'>): Promise<string[]> {
  return valueOf(await service.list({ ...filter, limit: 100 })).map(({ id }) => id);
}

const eventually = { timeout: 60_000, interval: 50 };

describe('a pending request', () => {
  test('carries state, channel, member, type, digest and due time, and nothing else', async () => {
    const memberArn = await scene.newcomer();
    const id = await scene.pending({ channelArn: board, memberArn, reason: 'a secret reason' });
    const { deadline, policyDigest } = valueOf(await service.show(id));
    const { attributes, memo, summary, details } = await shown(id);
    expect(attributes).toEqual({
      AdmissionState: 'pending',
      AdmissionChannel: board,
      AdmissionMember: memberArn,
      AdmissionParties: expect.arrayContaining([`m:${partyHash(memberArn)}`, `r:${partyHash(memberArn)}`]) as unknown,
      AdmissionType: 'DEFAULT',
      AdmissionPolicyDigest: policyDigest,
      AdmissionWaitsOn: 'people',
      AdmissionDueAt: expect.any(String),
    });
    expect(Date.parse(String(attributes['AdmissionDueAt']))).toBe(Date.parse(deadline?.at ?? ''));
    expect(policyDigest).toMatch(/^[0-9a-f]{64}$/);
    // The start of the workflow tells when it was asked for.
    expect(memo ?? {}).toEqual({});
    expect(summary).toBe('DEFAULT member for board');
    expect(JSON.stringify([memo, summary, details])).not.toMatch(/secret|user-/);
  });

  test('for a HIDDEN member names nobody in attributes, memo, summary and static details', async () => {
    const memberArn = await scene.newcomer();
    const id = await scene.pending({ channelArn: lobby, memberArn, requestedBy: mona, type: 'HIDDEN' });
    const visible = await shown(id);
    expect(visible.attributes).not.toHaveProperty('AdmissionMember');
    expect(visible).toMatchObject({ attributes: { AdmissionType: 'HIDDEN' }, summary: 'HIDDEN member for lobby' });
    expect(JSON.stringify(visible)).not.toMatch(/user\/|user-|mona/);
  });

  test('is found by state, channel and member; a HIDDEN one not by member, and a closed one as closed', async () => {
    const channelArn = await scene.newChannel('PRIVATE', ['mona']);
    const memberArn = await scene.newcomer();
    const id = await scene.pending({ channelArn, memberArn });
    const hidden = await scene.pending({ channelArn, memberArn, requestedBy: ada, type: 'HIDDEN' });
    await expect
      .poll(async () => (await found({ state: 'pending', channelArn })).toSorted(), eventually)
      .toEqual([id, hidden].toSorted());
    await expect.poll(() => found({ memberArn }), eventually).toEqual([id]);
    valueOf(await service.withdraw(id, { actor: { principal: memberArn } }));
    await expect.poll(() => found({ state: 'closed', channelArn }), eventually).toEqual([id]);
    expect(await found({ state: 'pending', channelArn })).toEqual([hidden]);
    const [line] = valueOf(await service.list({ memberArn, limit: 1 }));
    expect(line).toMatchObject({ id, state: 'closed', outcome: 'withdrawn', channelArn, memberArn, type: 'DEFAULT' });
  });
});

// prettier-ignore
test.each([
  ['joined', {}, null],
  ['failed', { kind: 'exception', name: 'ForbiddenException' }, null],
])('the search attributes tell the outcome %s', async (outcome, fault, code) => {
  const memberArn = await scene.newcomer();
  if ('kind' in fault) await scene.orderFaults(memberArn, [fault]);
  const { id } = await scene.joined({ channelArn: lobby, memberArn });
  const { attributes } = await shown(id);
  expect(attributes).toMatchObject({ AdmissionState: 'closed', AdmissionOutcome: outcome });
  expect(attributes['AdmissionCode'] ?? null).toBe(code);
});

/** How often a history says what can be searched, and what the memo tells. */
async function written(id: string) {
  const events = await scene.history(id);
  return {
    attributes: events.filter((event) => event.upsertWorkflowSearchAttributesEventAttributes).length,
    memos: events.filter((event) => event.workflowPropertiesModifiedEventAttributes).length,
  };
}

describe('what is shown is written when it changes, since each time is an event', () => {
  test('a join that nobody has to approve writes its end alone, in 15 events', async () => {
    const { id } = await scene.joined({ channelArn: lobby, memberArn: await scene.newcomer() });
    expect(await written(id)).toEqual({ attributes: 1, memos: 0 });
    expect(await scene.history(id)).toHaveLength(15);
  });

  test('a review that decides nothing writes nothing', async () => {
    const id = await scene.pending({ channelArn: board, memberArn: await scene.newcomer() });
    const comment = { actor: { principal: mona }, decision: 'comment', comment: 'let me think' } as const;
    valueOf(await service.review(id, comment));
    expect(await written(id)).toEqual({ attributes: 1, memos: 0 });
    expect(await currentDetails(id)).toContain('let me think');
  });
});

describe('the current details of a request', () => {
  test('hold who asked, a table of all policies, who may approve and when it expires', async () => {
    const memberArn = await scene.newcomer();
    const id = await scene.pending({ channelArn: board, memberArn });
    const { expiresAt, decisions } = valueOf(await service.show(id));
    const details = await currentDetails(id);
    expect(details).toMatch(/^### Pending/);
    expect(details).toContain(memberArn);
    expect(tableOf(details)).toEqual([
      ['policy', 'verdict', 'action', 'because'],
      ['---', '---', '---', '---'],
      ...decisions.map(({ binding, evaluation, action }) => [binding, evaluation, action, expect.any(String)]),
    ]);
    expect(decisions.map(({ binding }) => binding)).toEqual(['privacy', 'ban', 'sub-channel', 'hidden-approval']);
    expect(unescape(details)).toMatch(/needs 1 approval by channel_moderator or app_instance_admin/);
    expect(details).toMatch(/3 people may review \(2 channel moderators, 1 app instance admin\)/);
    expect(details).toContain(`Pending: people have to decide by ${expiresAt}.`);
  });

  test('show reason and comment as one code span each, whatever is in them', async () => {
    const memberArn = await scene.newcomer();
    const id = await scene.pending({ channelArn: board, memberArn, reason: EVIL });
    const plain = await scene.pending({ channelArn: board, memberArn: await scene.newcomer(), reason: 'plain' });
    expect(codeSpanOf(await currentDetails(id), '- reason: ')).toBe(cellOf(EVIL, 300).replaceAll('`', ' ').trim());
    expect(shape(await currentDetails(id))).toEqual(shape(await currentDetails(plain)));

    const approve = { actor: { principal: mona }, decision: 'approve' as const };
    valueOf(await service.review(id, { ...approve, comment: EVIL }));
    valueOf(await service.wait(id));
    expect(codeSpanOf(await currentDetails(id), '- approve by ')).toBe(cellOf(EVIL, 300).replaceAll('`', ' ').trim());
  });
});

/** The cells of the Markdown table, unescaped. */
function tableOf(markdown: string): string[][] {
  const rows = markdown.split('\n').filter((line) => line.startsWith('|'));
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => unescape(cell.trim())),
  );
}

/** The code span that ends the one line that begins so: nothing in it is Markdown, HTML or a link. */
function codeSpanOf(markdown: string, start: string): string | undefined {
  const lines = markdown.split('\n').filter((line) => line.startsWith(start));
  expect(lines).toHaveLength(1);
  return /`([^`]*)`$/.exec(lines[0] ?? '')?.[1];
}

function unescape(text: string): string {
  return text.replaceAll(/&#(\d+);/g, (_match, code: string) => String.fromCharCode(Number(code)));
}

/** What a Markdown reader would take for structure: how many lines, and how each begins. */
function shape(markdown: string): string[] {
  return markdown.split('\n').map((line) => /^(#+ |- |\||\*\*)?/.exec(line)?.[0] ?? '');
}
