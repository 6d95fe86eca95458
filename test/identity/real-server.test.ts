import { rename } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { revokeKey } from '../../src/identity/key-set-file.ts';
import { createSigner } from '../../src/identity/signer.ts';
import { errorOf, valueOf } from '../support/admission.ts';
import { APPROVE, DENY, refusedBy, startSignedAdmission } from './signed-admission.ts';
import type { ReviewContent, SignedAdmission } from './signed-admission.ts';

const PATIENCE = { timeout: 60_000, interval: 30 };
let at: SignedAdmission;
beforeAll(async () => {
  at = await startSignedAdmission();
});
afterAll(() => at.close());

describe('a review', () => {
  let id: string;
  beforeAll(async () => {
    id = await at.ask(await at.emulator.newUser('alice-2'));
  });

  const wrong: readonly (readonly [string, () => Promise<string | undefined>, RegExp])[] = [
    ['unsigned', async () => undefined, /Nothing proves/],
    [
      'forged, with a key that nobody knows',
      () => at.assertionOf('review', id, APPROVE, { key: at.keys.strange }),
      /not known/,
    ],
    [
      'forged, under the id of a known key',
      () => at.assertionOf('review', id, APPROVE, { key: at.counterfeit }),
      /signature/,
    ],
    ['expired', () => at.assertionOf('review', id, APPROVE, { lifetime: -10 }), /expired/],
    ['made to last', () => at.assertionOf('review', id, APPROVE, { lifetime: 3_600 }), /more than 5 minutes/],
    [
      'foreign, by somebody else',
      () => at.assertionOf('review', id, APPROVE, { as: at.user('max') }),
      /another principal/,
    ],
    [
      'foreign, with the personal key of another',
      () => at.assertionOf('review', id, APPROVE, { key: at.keys.ofCarol }),
      /personal/,
    ],
    [
      'foreign, for a comment',
      () => at.assertionOf('review', id, { decision: 'comment', comment: 'x' }),
      /another content/,
    ],
    [
      'foreign, for another request',
      async () => at.assertionOf('review', await at.ask(await at.emulator.newUser('other')), APPROVE),
      /another request/,
    ],
    ['foreign, for another command', () => at.assertionOfJoin(at.requestOf(at.user('mona'))), /another command/],
    ['nonsense', async () => 'trust.me.please', /compact JWS/],
  ];

  test.each(wrong)('that is %s is refused, and nothing changes', async (_name, make, message) => {
    const before = await at.shown(id);
    expect(errorOf(await at.review(id, await make()))).toMatchObject(refusedBy(message));
    expect(await at.shown(id)).toEqual(before);
    expect(before).toMatchObject({ state: 'pending', approvals: [] });
  });

  test('that is typed into the Temporal UI does not count', async () => {
    const before = await at.shown(id);
    const typed = { decision: 'approve', actor: { principal: at.user('mona') } };
    const update = at.client.workflow.getHandle(id).executeUpdate('review', { args: [typed] });
    await expect(update).rejects.toMatchObject({ cause: { type: 'Unauthenticated' } });
    expect(await at.shown(id)).toEqual(before);
  });

  test('that is well signed counts, and is marked as verified', async () => {
    valueOf(await at.review(id, await at.assertionOf('review', id, APPROVE)));
    expect(valueOf(await at.service.wait(id))).toMatchObject({
      outcome: 'joined',
      requesterVerified: true,
      approvals: [{ reviewer: at.user('mona'), decision: 'approve', verified: true }],
      invitedBy: at.user('mona'),
    });
  });
});

describe('an assertion that comes again', () => {
  test('is refused with another review id, and without one', async () => {
    const id = await at.ask(await at.emulator.newUser('bea'));
    const first: ReviewContent = { decision: 'comment', comment: 'who is this?', reviewId: 'one' };
    const assertion = await at.assertionOf('review', id, first);
    valueOf(await at.review(id, assertion, first));
    const before = await at.shown(id);
    expect(before.approvals).toHaveLength(1);
    const other = await at.review(id, assertion, { ...first, reviewId: 'two' });
    expect(errorOf(other)).toMatchObject(refusedBy(/another content/));

    const unnamed: ReviewContent = { decision: 'comment', comment: 'anybody?' };
    const once = await at.assertionOf('review', id, unnamed);
    const typed = { ...unnamed, actor: { principal: at.user('mona'), assertion: once } };
    const handle = at.client.workflow.getHandle(id);
    await handle.executeUpdate('review', { args: [typed] });
    const after = await at.shown(id);
    await expect(handle.executeUpdate('review', { args: [typed] })).rejects.toMatchObject({
      cause: { type: 'Unauthenticated', message: expect.stringContaining('used') },
    });
    expect(await at.shown(id)).toEqual(after);
  });

  test('is harmless for the very same review', async () => {
    const id = await at.ask(await at.emulator.newUser('cleo'));
    const content: ReviewContent = { decision: 'comment', comment: 'hello', reviewId: 'same' };
    const assertion = await at.assertionOf('review', id, content);
    const first = valueOf(await at.review(id, assertion, content));
    const before = await at.shown(id);
    expect(valueOf(await at.review(id, assertion, content))).toEqual(first);
    expect(await at.shown(id)).toEqual(before);
    expect(before.approvals).toHaveLength(1);
  });

  test('is refused when the same is asked for once more', async () => {
    const member = await at.emulator.newUser('dora');
    const id = await at.ask(member);
    const old = await at.assertionOf('review', id, APPROVE);
    valueOf(await at.review(id, await at.assertionOf('review', id, DENY), DENY));
    expect(valueOf(await at.service.wait(id)).outcome).toBe('denied');
    expect(await at.ask(member)).toBe(id);
    const before = await at.shown(id);
    expect(errorOf(await at.review(id, old))).toMatchObject(refusedBy(/asked for at another time/));
    expect(await at.shown(id)).toEqual(before);
  });
});

describe('keys', () => {
  test('a personal key counts for its owner, and no more once it is revoked; the worker runs on', async () => {
    const id = await at.ask(await at.emulator.newUser('gina'));
    const comment: ReviewContent = { decision: 'comment', comment: 'looks good' };
    const bymax = async () =>
      at.review(
        id,
        await at.assertionOf('review', id, comment, { key: at.keys.ofMax, as: at.user('max') }),
        comment,
        at.user('max'),
      );
    valueOf(await bymax());
    await revokeKey(at.jwks, at.keys.ofMax.publicKey.kid);
    const before = await at.shown(id);
    expect(before.approvals).toMatchObject([{ reviewer: at.user('max'), verified: true }]);
    expect(errorOf(await bymax())).toMatchObject(refusedBy(/revoked/));
    expect(await at.shown(id)).toEqual(before);
  });

  test('that cannot be read now are an outage: nothing changes, and the same assertion counts afterwards', async () => {
    const id = await at.ask(await at.emulator.newUser('hank'));
    const before = await at.shown(id);
    const assertion = await at.assertionOf('review', id, APPROVE);
    await rename(at.jwks, `${at.jwks}.away`);
    expect(errorOf(await at.review(id, assertion))).toMatchObject({ code: 'Unavailable' });
    expect(await at.shown(id)).toEqual(before);
    await rename(`${at.jwks}.away`, at.jwks);
    valueOf(await at.review(id, assertion));
    expect(valueOf(await at.service.wait(id)).outcome).toBe('joined');
  });
});

describe('a longer term', () => {
  test('is approved by no approval of anything else, and by one of the digest that is shown', async () => {
    const member = await at.emulator.newUser('ivan');
    const request = at.requestOf(member, { term: '1h' });
    const { id } = valueOf(await at.join(request, await at.assertionOfJoin(request)));
    const ofJoin = await at.assertionOf('review', id, APPROVE);
    const byMax = await at.assertionOf('review', id, APPROVE, { as: at.user('max') });
    valueOf(await at.review(id, byMax, APPROVE, at.user('max')));
    await expect.poll(async () => (await at.shown(id)).state, PATIENCE).toBe('active');
    const before = (await at.shown(id)).term?.endsAt;
    const extend = async (content: { by: string }) => {
      const assertion = await at.assertionOf('extend', id, content, { as: member });
      valueOf(await at.service.give(id, 'extend', { ...content, actor: { principal: member, assertion } }));
    };

    await extend({ by: '1m' });
    expect(errorOf(await at.review(id, ofJoin))).toMatchObject(refusedBy(/another digest/));
    const ofMinute = await at.assertionOf('review', id, APPROVE);
    const deny = await at.assertionOf('review', id, DENY, { as: at.user('max') });
    valueOf(await at.review(id, deny, DENY, at.user('max')));
    await expect.poll(async () => (await at.shown(id)).extension, PATIENCE).toBeUndefined();

    await extend({ by: '1m' });
    // The same wish, asked for again, is another one.
    expect(errorOf(await at.review(id, ofMinute))).toMatchObject(refusedBy(/another digest/));
    const { term, reviewDigest, requestDigest, requestedAt } = await at.shown(id);
    expect([term?.endsAt, reviewDigest]).toEqual([before, expect.not.stringContaining(requestDigest ?? '')]);
    const content = { ...APPROVE, requestDigest: reviewDigest ?? '' };
    const what = {
      command: 'review',
      workflowId: id,
      payload: content,
      requestDigest: reviewDigest ?? '',
      requestedAt,
    };
    const assertion = await createSigner(at.keys.gateway.privateKey)(at.user('mona'), what);
    valueOf(await at.review(id, assertion, content));
    await expect
      .poll(async () => Date.parse((await at.shown(id)).term?.endsAt ?? ''), PATIENCE)
      .toBe(Date.parse(before ?? '') + 60_000);
  });
});
