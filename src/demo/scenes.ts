import type { Answer, RequestView } from '../domain/view.ts';
import { asked, ended, pending, received, row, check, until, valueOf, type Stage, type Write } from './stage.ts';

/** One thing that Channel Admission does, played on real parts. Gives the lines to show; throws when it went wrong. */
export interface Scene {
  readonly title: string;
  play(stage: Stage): Promise<string[]>;
}

export const scenes: readonly Scene[] = [
  {
    title: 'Anyone may join a public channel',
    async play(stage) {
      const [channelArn, memberArn] = [stage.channel('lobby'), stage.user('alice')];
      const answer = valueOf(await stage.service.join({ channelArn, memberArn }));
      check(answer.outcome === 'joined' && answer.invitedBy === memberArn, 'alice is joined, InvitedBy herself');
      return [
        asked(answer, 'alice asks for lobby'),
        ended(answer),
        received(await stage.writes(channelArn, memberArn)),
      ];
    },
  },
  {
    title: 'A private channel needs a moderator',
    async play(stage) {
      const [channelArn, memberArn] = [stage.channel('board'), stage.user('alice')];
      const answer = valueOf(await stage.service.join({ channelArn, memberArn }));
      check(answer.state === 'pending', 'the request is pending');
      check(
        answer.decisions.some((d) => d.policy === 'privacy' && d.action === 'pend'),
        'privacy asks for an approval',
      );
      const { lines, view } = await approve(stage, answer, 'mona');
      check(view.outcome === 'joined' && view.invitedBy === stage.user('mona'), 'alice is joined, InvitedBy mona');
      const writes = await stage.writes(channelArn, memberArn);
      return [
        asked(answer, 'alice, an outsider, asks for board'),
        pending(answer),
        ...lines,
        ended(view),
        received(writes),
      ];
    },
  },
  {
    title: 'Who may not ask is denied, and nothing is written',
    async play(stage) {
      const channelArn = stage.channel('board');
      const [dave, erin] = [stage.user('dave'), stage.user('erin')];
      const own = valueOf(await stage.service.join({ channelArn, memberArn: dave, chimeBearer: dave }));
      const other = valueOf(await stage.service.join({ channelArn, memberArn: erin, requestedBy: dave }));
      for (const answer of [own, other]) {
        check(answer.outcome === 'denied' && answer.reason?.binding === 'privacy', 'privacy denies it');
      }
      const writes = [...(await stage.writes(channelArn, dave)), ...(await stage.writes(channelArn, erin))];
      check(writes.length === 0, 'nothing was written');
      return [
        asked(own, 'dave asks for board, to be called as dave'),
        ended(own),
        asked(other, 'dave, an outsider, asks for erin'),
        ended(other),
        received(writes),
      ];
    },
  },
  {
    title: 'A HIDDEN member needs a moderator, and is seen only by who looks for HIDDEN',
    async play(stage) {
      const [channelArn, memberArn] = [stage.channel('lobby'), stage.user('bob')];
      const answer = valueOf(await stage.service.join({ channelArn, memberArn, type: 'HIDDEN' }));
      check(answer.state === 'pending', 'the request is pending');
      const { lines, view } = await approve(stage, answer, 'mona');
      check(view.outcome === 'joined', 'bob is joined');
      const [shown, hidden] = [await stage.members(channelArn, 'DEFAULT'), await stage.members(channelArn, 'HIDDEN')];
      check(!shown.includes('bob') && hidden.includes('bob'), 'bob is listed with type=HIDDEN only');
      return [
        asked(answer, 'bob asks to be a HIDDEN member of lobby'),
        pending(answer),
        ...lines,
        ended(view),
        received(await stage.writes(channelArn, memberArn)),
        row('lists', `DEFAULT: ${shown.join(', ')}; HIDDEN: ${hidden.join(', ')}`),
      ];
    },
  },
  {
    title: 'A throttled call is tried again',
    async play(stage) {
      const memberArn = stage.user('carol');
      await stage.fault(memberArn, { kind: 'exception', name: 'ThrottledClientException', retryAfter: 1 }, 2);
      const { answer, writes } = await joinLobby(stage, memberArn);
      check(answer.outcome === 'joined' && writes.length === 3, 'carol is joined at the third attempt');
      return [asked(answer, 'carol asks for lobby, and Chime throttles twice'), ended(answer), received(writes)];
    },
  },
  {
    title: 'A terminal exception is not',
    async play(stage) {
      const memberArn = stage.user('dave');
      await stage.fault(memberArn, { kind: 'exception', name: 'ForbiddenException' }, 1);
      const { answer, writes } = await joinLobby(stage, memberArn);
      // The requester hears only that it failed: a ban may be behind it. Operators see why.
      const view = valueOf(await stage.service.show(answer.id));
      check(answer.error?.type === 'Failed', 'the requester does not hear why');
      check(view.outcome === 'failed' && view.error?.type === 'ForbiddenException', 'the request fails');
      check(writes.length === 1, 'it was tried once');
      return [asked(answer, 'dave asks for lobby, and Chime forbids it'), ended(view), received(writes)];
    },
  },
  {
    title: 'A reply that is lost after the change was applied does no harm',
    async play(stage) {
      const memberArn = stage.user('erin');
      await stage.fault(memberArn, { kind: 'dropAfter' }, 1);
      const { answer, writes } = await joinLobby(stage, memberArn);
      const listed = await stage.members(stage.channel('lobby'), 'DEFAULT');
      check(answer.outcome === 'joined', 'erin is joined, and not "already a member"');
      check(listed.filter((name) => name === 'erin').length === 1, 'there is one membership');
      return [
        asked(answer, 'erin asks for lobby, and the connection breaks'),
        ended(answer),
        received(writes),
        row('lists', `DEFAULT: ${listed.join(', ')}`),
      ];
    },
  },
  {
    title: 'A call that fails after people approved is held for an operator',
    async play(stage) {
      const [channelArn, memberArn] = [stage.channel('board'), stage.user('carol')];
      const answer = valueOf(await stage.service.join({ channelArn, memberArn }));
      await stage.fault(memberArn, { kind: 'exception', name: 'ForbiddenException' }, 1);
      const review = { actor: { principal: stage.user('mona') }, decision: 'approve' } as const;
      valueOf(await stage.service.review(answer.id, review));
      const held = await until(stage, answer.id, 'incident');
      check(held.incident?.error.type === 'ForbiddenException', 'the incident says what failed');
      const retry = { actor: { principal: stage.user('ada') }, reason: 'mona moderates again' };
      valueOf(await stage.service.give(answer.id, 'retry', retry));
      const view = valueOf(await stage.service.wait(answer.id));
      const writes = await stage.writes(channelArn, memberArn);
      check(view.outcome === 'joined' && writes.length === 2, 'carol is joined at the second call');
      return [
        asked(answer, 'carol asks for board, and Chime forbids it once'),
        row('review', 'mona approves'),
        row('incident', `${held.incident?.error.type}: an admin may retry or abandon`),
        row('retry', `ada: ${retry.reason}`),
        ended(view),
        received(writes),
      ];
    },
  },
  {
    title: 'A membership with a term ends by itself',
    async play(stage) {
      const [channelArn, memberArn] = [stage.channel('lobby'), stage.user('frank')];
      const answer = valueOf(await stage.service.join({ channelArn, memberArn, term: '2s' }));
      const during = await stage.members(channelArn, 'DEFAULT');
      check(answer.state === 'active' && during.includes('frank'), 'frank is joined for a while');
      const view = valueOf(await stage.service.wait(answer.id));
      const after = await stage.members(channelArn, 'DEFAULT');
      const removals = await stage.writes(channelArn, memberArn, 'DeleteChannelMembership');
      check(view.outcome === 'revoked' && !after.includes('frank'), 'frank is removed');
      check(removals.length === 1, 'the membership was removed once');
      return [
        asked(answer, 'frank asks for lobby, for 2 seconds'),
        row('active', `until ${answer.term?.endsAt}; lists ${during.join(', ')}`),
        ended(view),
        received(removals, 'DeleteChannelMembership'),
        row('lists', after.join(', ')),
      ];
    },
  },
];

async function joinLobby(stage: Stage, memberArn: string): Promise<{ answer: Answer | RequestView; writes: Write[] }> {
  const channelArn = stage.channel('lobby');
  const first = valueOf(await stage.service.join({ channelArn, memberArn }));
  const answer = first.outcome === null ? valueOf(await stage.service.wait(first.id)) : first;
  return { answer, writes: await stage.writes(channelArn, memberArn) };
}

async function approve(
  stage: Stage,
  { id }: Answer,
  reviewer: string,
): Promise<{ lines: string[]; view: RequestView }> {
  const actor = { principal: stage.user(reviewer) };
  valueOf(await stage.service.review(id, { actor, decision: 'approve', comment: 'welcome' }));
  const view = valueOf(await stage.service.wait(id));
  return { lines: [row('review', `${reviewer} approves`)], view };
}
