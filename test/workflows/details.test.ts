import { describe, expect, test } from 'vitest';
import type { RequestView } from '../../src/domain/view.ts';
import { currentDetails } from '../../src/domain/join/page.ts';
import { requestOf, user } from '../policies/fixtures.ts';
import { ADMINS, ladder, MODS, people } from '../support/plans.ts';
import {
  after,
  bound,
  decisionOf,
  JUDGED,
  moderator,
  panelOf,
  pendingOn,
  reviewOf,
  T0,
  viewOf,
} from '../support/views.ts';

/** What a person reads, with the entities that keep user text from being Markdown put back. */
const read = (view: RequestView) =>
  currentDetails(view).replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
/** The lines that stand under a title, up to the next one. */
function section(view: RequestView, title: string): string[] {
  const lines = read(view).split('\n');
  const start = lines.findIndex((line) => line.startsWith(`**${title}`));
  const end = lines.findIndex((line, index) => index > start + 1 && line === '');
  return start === -1 ? [] : lines.slice(start, end === -1 ? undefined : end).filter(Boolean);
}

const deed = { by: user('ada'), at: after(2), verified: true };
const error = { type: 'ForbiddenException', message: 'it may not', hint: 'let it', requestId: 'aws-1' };
const incident = { at: after(1), during: 'grant', error, dueAt: after(100) } as const;
const pending = pendingOn(panelOf([ladder], people, [reviewOf('mona', { comment: 'fine' })]), {
  decisions: [decisionOf({ evaluation: 'requireApproval', action: 'pend', requirement: ladder })],
});

describe('a request that waits for people', () => {
  test('says above the fold what it waits for, and what happens by itself next', () => {
    const [headline, , next] = read(pending).split('\n');
    expect(headline).toBe(`### Pending: people have to decide by ${after(120)}. Expires ${after(720)} at the latest.`);
    expect(next).toBe(`**Next**, ${after(24)}: privacy, stage mods: reminder to the approvers.`);
  });

  test('says what is asked, for how long, and by whom', () => {
    const request = requestOf({ requestedBy: user('bob'), type: 'HIDDEN', term: '90d', reason: 'an audit' });
    expect(section({ ...pending, request, requesterVerified: false }, 'Asked')).toEqual([
      '**Asked** by `bob` (not verified): that `alice` joins `board` as a HIDDEN member, for `90d`',
      `- channel \`${request.channelArn}\``,
      `- member \`${user('alice')}\``,
      `- requester \`${user('bob')}\``,
      '- reason: `an audit`',
    ]);
  });

  test('says who may approve, by number and by name, how far it is, and until when', () => {
    expect(section(pending, 'Who may approve')).toEqual([
      '**Who may approve:** 5 people may review (2 channel moderators, 1 app instance admin), never the requester, the member or the bearer.',
      `- privacy, stage mods: waits for 2 approvals by channel_moderator; it has 1 of 2. Until ${after(120)}. Now it is up to channel_moderator: \`max\``,
    ]);
    const many = Array.from({ length: 33 }, (_, index) => moderator(`m${index}`));
    const crowd = pendingOn(panelOf([bound({ approvers: MODS, approve: 1 })], many));
    expect(section(crowd, 'Who may approve')[1]).toMatch(/`m0`, .*`m19`, 13 more$/);
  });

  test('says what each policy decided, also those that count for nothing', () => {
    const decisions = [
      ...pending.decisions,
      decisionOf({
        binding: 'new',
        enforcement: 'Warn',
        evaluation: 'deny',
        action: 'none',
        code: 'NO',
        message: 'no.',
      }),
    ];
    const table = read({ ...pending, decisions })
      .split('\n')
      .filter((line) => line.startsWith('|'));
    expect(table.slice(2)).toEqual([
      '| privacy | requireApproval | pend | needs 2 approvals by channel_moderator, then 1 approval by app_instance_admin |',
      '| new | deny | none | (Warn) NO: no. |',
    ]);
    expect(read(pending)).toContain('Policy set `0123456789ab`');
  });

  test('shows every review, and why some do not count', () => {
    const approvals = [
      reviewOf('max', { requestDigest: 'b'.repeat(64), verified: false }),
      reviewOf('mona', { decision: 'requestChanges', comment: 'say why' }),
      reviewOf('mona', { at: after(2) }),
    ];
    expect(section({ ...pending, approvals }, 'Reviews')).toEqual([
      '**Reviews** (3), the newest first',
      `- approve by \`mona\`, as channel_moderator, at ${after(2)}`,
      `- requestChanges by \`mona\`, as channel_moderator, at ${after(1)}, **does not count**: the same person reviewed again: \`say why\``,
      `- approve by \`max\` (not verified), as channel_moderator, at ${after(1)}, **does not count**: it is about an earlier version of the request`,
    ]);
  });

  test('says which updates to send, with which argument', () => {
    const acts = section(pending, 'How to act');
    expect(acts.map((line) => /^- `(\w+)`/.exec(line)?.[1] ?? '').filter(Boolean)).toEqual([
      'review',
      'reassign',
      'amend',
      'withdraw',
      'override',
    ]);
    expect(acts[1]).toBe('- `review`, by who may approve: `{"actor":ACTOR,"decision":"approve"}`');
  });
});

describe('a request that waits for something else', () => {
  const schema = { type: 'object', properties: { rules: {}, team: {} } };
  const inputs = [{ binding: 'screening', schema, prompt: 'Accept the rules.', expiresIn: '7d', dueAt: after(168) }];

  test('input: the question, its fields, until when, and how to answer', () => {
    const view = viewOf({ state: 'pending', waitsFor: 'input', inputs, expiresAt: after(720) });
    expect(read(view)).toContain(
      `### Pending: the requester has to answer by ${after(168)}. Expires ${after(720)} at the latest.`,
    );
    expect(section(view, 'The requester or the member has to answer')[1]).toBe(
      `- screening, until ${after(168)}: Accept the rules. (\`rules\`, \`team\`)`,
    );
    expect(section(view, 'How to act')[1]).toContain('"binding":"screening","answers":{"rules":"…","team":"…"}');
  });

  test('time: until when, and that the policies are asked again then', () => {
    const view = viewOf({ state: 'pending', waitsFor: 'time', deferredUntil: after(48), expiresAt: after(720) });
    expect(read(view)).toContain(`### Pending: the policies want to wait until ${after(48)}.`);
    expect(read(view)).toContain(`**Next**, ${after(48)}: The policies are asked again.`);
  });

  test('granting: who makes the call, and where its attempts are seen', () => {
    const text = read(viewOf({ state: 'granting', bearer: user('mona') }));
    expect(text).toMatch(/^### Granting: .*Pending Activities/);
    expect(text).toContain(`Chime is called as \`${user('mona')}\``);
  });

  test('incident: what failed, what to do, until when, and the updates', () => {
    const view = { ...pending, state: 'incident', incident } as const;
    expect(section(view, 'Incident')).toEqual([
      `**Incident** since ${after(1)}: the member could not be added. An app instance admin, such as \`ada\`, has until ${after(100)}.`,
      '- `ForbiddenException`: it may not',
      '- What to do: let it',
      '- AWS request id `aws-1`',
    ]);
    expect(section(view, 'How to act').slice(1)).toEqual([
      '- `retry`, by an app instance admin: `{"actor":ACTOR,"reason":"…"}`',
      '- `abandon`, by an app instance admin: `{"actor":ACTOR,"reason":"…"}`',
      '- `withdraw`, by the requester or the member: `{"actor":ACTOR}`',
    ]);
  });

  test('active: until when, what is announced before, and who has to agree to more', () => {
    const term = { startedAt: T0, endsAt: after(2_160), remindAt: [after(1_992)] };
    const panel = panelOf([bound({ approvers: ADMINS, approve: 1 })], people);
    const extension = { ...deed, ms: 3_600_000 * 4_320, reason: 'the audit goes on', panel, ...JUDGED };
    const view = viewOf({ state: 'active', term, extension, notes: [{ ...deed, what: 'had the term end at x' }] });
    expect(read(view)).toContain(`### Active: the membership is there until ${after(2_160)}.`);
    expect(section(view, 'What comes next')).toContain(`- ${after(1_992)}: People hear that the term ends.`);
    expect(read(view)).toContain(
      `**A longer term**, until ${after(4_320)}, was asked for by \`ada\` at ${after(2)}: \`the audit goes on\``,
    );
    expect(section(view, 'Who may approve')[1]).toMatch(/`ada`$/);
    expect(section(view, 'Changes')).toContain(`- ${after(2)} \`ada\` had the term end at x`);
  });
});

test('an override stands right under the headline, with what the policies had said', () => {
  const composition = { action: 'pend', requirements: [ladder] } as const;
  const override = { ...deed, verified: false, reason: 'fire', ticket: 'INC-1' };
  const lines = read({ ...pending, state: 'granting', composition, override })
    .split('\n')
    .filter(Boolean);
  expect(lines.slice(1, 5)).toEqual([
    `**Overridden** by \`ada\` (not verified) at ${after(2)}`,
    '- ticket `INC-1`',
    '- why: `fire`',
    '- the policies had said: people have to approve (privacy)',
  ]);
});

test.each([
  ['joined', 'Joined'],
  ['alreadyMember', 'Already a member'],
  ['denied', 'Denied'],
  ['expired', 'Expired'],
  ['withdrawn', 'Withdrawn'],
  ['failed', 'Failed'],
  ['revoked', 'Revoked'],
] as const)(
  'what ended as %s says so above the fold, and when: Temporal says Completed of all of them',
  (outcome, text) => {
    const view = viewOf({ state: 'closed', outcome, closedAt: after(3) });
    expect(read(view).split('\n')[0]).toBe(`### ${text} at ${after(3)}.`);
  },
);
