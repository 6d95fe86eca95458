import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { describeAnswer, describePlan, describeView } from '../../src/cli/describe/request.ts';
import { planOf } from '../../src/domain/plan.ts';
import { visible } from '../../src/domain/text.ts';
import { answerFor } from '../../src/domain/view.ts';
import type { RequestView } from '../../src/domain/view.ts';
import { currentDetails } from '../../src/domain/join/page.ts';
import { requestOf, user } from '../policies/fixtures.ts';
import { MODS } from '../support/plans.ts';
import { after, bound, decisionOf, moderator, panelOf, pendingOn, reviewOf } from '../support/views.ts';
import { layout, UNSEEN } from '../support/text-fields.ts';

const deed = { by: user('ada'), at: after(2), verified: true };

/** A request in which everything that people and policies may write says `text`. */
function written(text: string): RequestView {
  const requirement = bound({ stages: [{ approvers: { ...MODS, expression: text || 'x' }, anyOf: [{ approve: 1 }] }] });
  const matched = { ...moderator('mona'), matched: [text || 'x'] };
  const panel = panelOf(
    [requirement],
    [matched],
    [reviewOf('mona', { decision: 'abstain', comment: text, roles: ['channel_moderator'] })],
  );
  const asking = {
    binding: 'screening',
    schema: { type: 'object', properties: { [text]: {} } },
    prompt: text,
    expiresIn: '7d',
  };
  return pendingOn(panel, {
    request: requestOf({ reason: text || 'x' }),
    decisions: [
      decisionOf({ evaluation: 'requireApproval', action: 'pend', requirement }),
      decisionOf({ binding: 'other', evaluation: 'deny', action: 'none', code: 'NO', message: text }),
    ],
    composition: { action: 'pend', requirements: [requirement] },
    inputs: [{ ...asking, dueAt: after(9) }],
    answers: [{ ...deed, binding: 'screening', answers: { [text]: text } }],
    override: { ...deed, reason: text, ticket: text },
    error: { type: text, message: text, hint: text, requestId: text },
    reason: { code: 'NO', message: text, binding: 'x', visibility: 'full' },
    notes: [{ ...deed, what: text, reason: text }],
  });
}

/** What of a text could be Markdown, HTML or a link: neither code spans nor entities are. */
function structure(markdown: string): string[] {
  return markdown.split('\n').map((line) =>
    line
      .replaceAll(/`[^`]+`/g, 'C')
      .replaceAll(/&#\d+;/g, '')
      .replaceAll(/[^\\`*_{}[\]<>()#+!|~&:/@-]/g, ''),
  );
}

const NASTY = fc.string({
  unit: fc.oneof(
    fc.constantFrom(...Array.from('\\`*_{}[]<>()#+-!|~&:/.@=\n\r\t "\'')),
    fc.constantFrom(
      '<img src=x>',
      '](http://x)',
      '```',
      '\n\n# ',
      '\n- ',
      '| a |',
      'www.x.example',
      'a@b.example',
      '&lt;',
      '<!--',
      '---',
    ),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
  minLength: 1,
  maxLength: 30,
});

test('whatever people and policies write, none of it becomes Markdown, HTML or a link', () => {
  const plain = structure(currentDetails(written('x')));
  fc.assert(
    fc.property(NASTY, (text) => {
      expect(structure(currentDetails(written(text)))).toEqual(plain);
    }),
    { numRuns: 500 },
  );
});

const SPOOF =
  'please\n  stages\n    privacy  review  approved\n  reviews\n    approve  mona  2026-11-27T10:00:00.000Z  verified';

test.each([
  SPOOF,
  'a\u2028b\u2029c\u0085d\r\ne',
  '\u001b[2J\u009b2J',
  'a\u202eb\u2066c',
  'a \u2003 b\t\tc',
  'a\u200b\u{e0041}',
])('on a terminal it stays one cell: %j', (text) => {
  const [hostile, harmless] = [text, 'x'].map((one) => ({ ...written(one), uiUrl: null }));
  if (!hostile || !harmless) throw new Error('nothing to compare');
  for (const lines of [describeView, describeAnswerOf, describePlanOf]) {
    expect(layout('terminal', lines(hostile))).toEqual(layout('terminal', lines(harmless)));
    // oxlint-disable-next-line no-control-regex
    expect(lines(hostile).map(visible).join('')).not.toMatch(UNSEEN);
  }
});

function describeAnswerOf(view: RequestView): string[] {
  return describeAnswer({ ...answerFor(view), approvals: view.approvals, uiUrl: null });
}

function describePlanOf(view: RequestView): string[] {
  return describePlan(planOf(view));
}

test.each(['`', '|', '<b>', '\\'])('the property would see %j', (text) => {
  const raw = currentDetails(written('x')).replace('| NO', `| ${text}NO`);
  expect(structure(raw)).not.toEqual(structure(currentDetails(written('x'))));
});

test('however much there is, the page stays small and keeps what matters most', () => {
  const long = '<'.repeat(1_024);
  const many = Array.from({ length: 500 }, (_, index) => moderator(`${'m'.repeat(50)}${index}`));
  const stage = {
    approvers: MODS,
    anyOf: [{ approve: 100 }],
    timedActions: Array.from({ length: 20 }, (_, n) => ({ at: `${n + 1}d`, do: 'remind' as const })),
  };
  const requirements = Array.from({ length: 10 }, (_, index) => {
    return bound(
      { stages: Array.from({ length: 10 }, (__, n) => ({ ...stage, name: `stage ${n}` })) },
      `policy-${index}`,
    );
  });
  const reviews = many
    .slice(0, 50)
    .map(({ arn }, index) => reviewOf('x', { reviewer: arn, comment: long, at: after(1 + index / 100) }));
  const view = pendingOn(panelOf(requirements, many, reviews), {
    request: requestOf({ reason: long }),
    decisions: Array.from({ length: 100 }, (_, index) => decisionOf({ binding: `policy-${index}`, message: long })),
    notes: Array.from({ length: 200 }, () => ({ ...deed, what: long, reason: long })),
    answers: [{ ...deed, binding: 'screening', answers: { text: long } }],
    override: { ...deed, reason: long, ticket: 'INC-1' },
    error: { type: 'E', message: long, hint: long },
    reason: { code: 'NO', message: long, binding: 'x', visibility: 'full' },
  });
  const details = currentDetails(view);
  expect(details.length).toBeLessThanOrEqual(15_000);
  for (const part of [
    '### Pending',
    '**Next**',
    '**Overridden**',
    '**Asked**',
    '**Who may approve:** 500 people',
    '| policy |',
  ]) {
    expect(details).toContain(part);
  }
  expect(details).toMatch(/- and \d+ more/);
  expect(details).toContain('There is more than this page can show');
});
