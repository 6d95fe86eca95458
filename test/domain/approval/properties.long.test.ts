import { describe, expect, test } from 'vitest';
import { change } from '../../../src/domain/approval/change.ts';
import { mayReview, progressOf, reviewersNow } from '../../../src/domain/approval/views.ts';
import { nextDueAt } from '../../../src/domain/approval/time.ts';
import { durationMs } from '../../../src/domain/duration.ts';
import { known } from './arbitraries.ts';
import { after, everybody, HOUR, START, time } from './kit.ts';
import {
  driven,
  enough,
  isOpen,
  latestOf,
  panelsOf,
  stagesOf,
  started,
  verdictOf,
  eachStage,
  expectAlways,
  wrongIn,
  restored,
  text,
  timeless,
} from './model.ts';

describe('time', () => {
  test('brings exactly one result, and not later than all that extends it allows', () => {
    expectAlways((course) => {
      const last = panelsOf(course).at(-1)!;
      const end = driven(last);
      expect(end.panel.result.result).not.toBe('open');
      const actions = last.requirements.flatMap((one) => one.requirement.stages.flatMap((stage) => stage.timedActions));
      expect(end.steps).toBeLessThanOrEqual(actions.length + 1);
      const longer = actions.map((action) => (action.do === 'extend' ? durationMs(action.by) : 0));
      const limit = Date.parse(last.dueAt) + longer.reduce((sum, ms) => sum + ms, 0);
      expect(text(change(last, time(limit)).panel.result)).toBe(text(end.panel.result));
    });
  });

  test('is always ahead: then something happens, and before that nothing does', () => {
    const found = wrongIn((panel) => {
      const at = nextDueAt(panel);
      if (at === undefined) return isOpen(panel) ? ['it would wait for ever'] : [];
      const [before, then] = [change(panel, time(at - 1)), change(panel, time(at))];
      return [
        ...(at > Date.parse(panel.at) ? [] : ['it is past']),
        ...(timeless(before.panel) === timeless(panel) && before.notes.length === 0 ? [] : ['too early']),
        ...(timeless(then.panel) === timeless(panel) ? ['nothing happens'] : []),
        ...(isOpen(then.panel) && nextDueAt(then.panel)! <= at ? ['something is left'] : []),
      ];
    });
    expect(found).toBeUndefined();
  });

  test('may be looked at as often or as rarely as one likes', () => {
    const found = wrongIn((panel) => {
      const from = Date.parse(panel.at);
      const [once, often] = [[144], [1, 24, 25, 48, 100, 144]].map((hours) => {
        return after(panel, ...hours.map((hour) => time(from + hour * HOUR)));
      });
      const same = timeless(once!.panel) === timeless(often!.panel) && text(once!.notes) === text(often!.notes);
      return same ? [] : [often];
    });
    expect(found).toBeUndefined();
  });

  test('what is due is done before what comes then, whether it was looked at or not', () => {
    expectAlways((course) => {
      let { panel } = started(course);
      for (const event of course.events) {
        const changed = change(panel, event);
        // Who earlier reviewers are is known at once, and what policies ask now counts at once.
        const first = ['standing', 'required'].includes(event.kind) ? [] : [time(event.at)];
        expect(text(after(panel, ...first, event))).toBe(text(changed));
        panel = changed.panel;
      }
    });
  });
});

describe('a result', () => {
  test('is final: everything after it gives the same panel and no notes', () => {
    expectAlways((course) => {
      const { panel } = driven(panelsOf(course).at(-1)!);
      const changes = course.events.map((event) => change(panel, event));
      expect(changes.every((one) => one.panel === panel && one.notes.length === 0)).toBe(true);
      expect([nextDueAt(panel), ...reviewersNow(panel)]).toEqual([undefined]);
      expect(everybody.some((one) => mayReview(panel, one))).toBe(false);
    });
  });

  test('approved means every stage, and denied exactly one, for the reason that is told', () => {
    const found = wrongIn((panel) => {
      const { result } = panel;
      const statuses = stagesOf(panel).map(({ status }) => status);
      if (result.result === 'approved') return statuses.filter((status) => status !== 'approved');
      if (result.result !== 'denied') return statuses.filter((status) => status === 'denied');
      const { stages } = panel.requirements.find((one) => one.requirement.binding === result.binding)!;
      const denied = stages.filter(({ status }) => status === 'denied');
      const by = { REVIEW_DENIED: undefined, DENIED_BY_TIME: 'time', NO_ELIGIBLE_APPROVER: 'noApprovers' }[result.code];
      if (denied.length !== 1 || denied[0]!.by !== by) return [panel];
      const denier = result.by === undefined ? undefined : latestOf(panel, result.by)?.decision;
      return denier === (result.code === 'REVIEW_DENIED' ? 'deny' : undefined) ? [] : [panel];
    });
    expect(found).toBeUndefined();
  });

  test('is completed by who approves it, and by nobody where no review had a part', () => {
    const found = wrongIn(({ result, ...panel }) => {
      if (result.result !== 'approved') return [];
      const reviewed = stagesOf({ ...panel, result }).filter(({ by }) => by === undefined);
      if (result.completedBy === undefined) return [];
      const approvers = new Set(reviewed.flatMap(({ approvedBy }) => approvedBy));
      const last = panel.reviews.findLast((one) => {
        return approvers.has(one.reviewer) && latestOf({ ...panel, result }, one.reviewer) === one;
      });
      return last?.reviewer === result.completedBy ? [] : [result];
    });
    expect(found).toBeUndefined();
  });

  test('is the same for the same events, and for a panel that was written down and read again at any point', () => {
    expectAlways((course) => {
      const panels = panelsOf(course);
      expect(text(panelsOf(structuredClone(course)))).toBe(text(panels));
      let panel = restored(panels[0]!);
      const read = course.events.map((event) => (panel = restored(change(panel, event).panel)));
      expect(text([panels[0], ...read])).toBe(text(panels));
    });
  });
});

describe('an approval', () => {
  test('never counts for anything but the digest that it was given for', () => {
    const found = wrongIn((panel) =>
      stagesOf(panel).flatMap(({ approvedBy, deniedBy, by, status }) =>
        // What is over is shown as it was.
        by === undefined && (status === 'open' || status === 'approved')
          ? [...approvedBy, ...deniedBy].filter((who) => latestOf(panel, who)?.requestDigest !== panel.requestDigest)
          : [],
      ),
    );
    expect(found).toBeUndefined();
  });
});

describe('an amended request', () => {
  test('is not approved by silence about what it was before', () => {
    expectAlways((course) => {
      let { panel } = started(course);
      for (const event of course.events) {
        const before = panel;
        ({ panel } = change(before, event));
        if (event.kind !== 'required' || !isOpen(before) || event.requestDigest === before.requestDigest) continue;
        // A denial that is due goes on being due: only who approves says something about the request.
        const silent = stagesOf(panel).filter(({ by, status }) => by === 'time' && status === 'approved');
        expect(silent.filter(({ startedAt }) => startedAt !== panel.at)).toEqual([]);
      }
    });
  });
});

describe('stages', () => {
  test('of a requirement are approved up to the one that is open', () => {
    const found = wrongIn((panel) => {
      if (!isOpen(panel)) return [];
      const lines = panel.requirements.map(({ stages }) => stages.map(({ status }) => status).join(' '));
      const wrong = lines.filter((line) => !/^(approved ?)*(open( waiting)*)?$/.test(line));
      return [...wrong, ...(lines.some((line) => line.includes('open')) ? [] : ['none is open'])];
    });
    expect(found).toBeUndefined();
  });

  test('are what the reviews make of them, and no dead end is left', () => {
    const found = wrongIn((panel) =>
      eachStage(panel, (stage, { status, by, approvers, actionsDone }) => {
        const verdict = verdictOf(stage, approvers, panel);
        if (status === 'denied' && by === undefined) return verdict === 'denied' ? [] : ['denied by nobody'];
        if (!isOpen(panel)) return [];
        if (status === 'approved' && by === undefined) return verdict === 'approved' ? [] : ['approved by too few'];
        if (status !== 'open') return [];
        const toCome = stage.timedActions.toSorted((a, b) => durationMs(a.at) - durationMs(b.at)).slice(actionsDone);
        let asked = approvers;
        const later = toCome.map((action) => {
          if (action.do === 'escalate') asked = action.instead ? [action.to] : [...asked, action.to];
          return asked;
        });
        const waits = [approvers, ...later].some((some) => enough(stage, some, panel));
        return [...(verdict === 'open' ? [] : ['decided']), ...(waits ? [] : ['a dead end'])];
      }),
    );
    expect(found).toBeUndefined();
  });

  test('have one line for each requirement', () => {
    const found = wrongIn((panel) => {
      const lines = progressOf(panel);
      const wrong = lines.filter(
        ({ status, approve, approvedBy }) => isOpen(panel) && status === 'open' && approvedBy.length >= approve,
      );
      const bindings = panel.requirements.map(({ requirement }) => requirement.binding);
      return [...wrong, ...(text(lines.map(({ binding }) => binding)) === text(bindings) ? [] : lines)];
    });
    expect(found).toBeUndefined();
  });

  test('do not change when everybody is read again as they were', () => {
    expectAlways((course) => {
      const { panel } = started({ ...course, among: known });
      expect(text(change(panel, { kind: 'roster', at: START, people: known }).panel)).toBe(text(panel));
    });
  });
});
