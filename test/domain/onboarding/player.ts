import { expect } from 'vitest';
import type { OnboardingCommand } from '../../../src/domain/onboarding/commands.ts';
import { continued } from '../../../src/domain/onboarding/children.ts';
import type { Effect } from '../../../src/domain/onboarding/effects.ts';
import type { State } from '../../../src/domain/onboarding/state.ts';
import { currentStep, isUnderway } from '../../../src/domain/onboarding/steps.ts';
import { onboarding } from '../../../src/domain/onboarding/transition.ts';
import { createLife } from '../support/life.ts';
import { ADA, ALICE, asked, HOUR, MONA, preparedOf, START } from '../../onboarding/support.ts';
import type { Happening } from './events.ts';
import { expectInOrder } from './invariants.ts';
import { createOnboardingWorld, DECISIONS, REVIEWERS } from './world.ts';

/** Plays one life of an onboarding, and holds what has to hold on the way. */
export function play(steps: readonly object[], happenings: readonly Happening[], thorough = false) {
  // Somebody cancels it while roles are read.
  let isInterrupted = false;
  const world = createOnboardingWorld(preparedOf(steps));
  const life = createLife(
    onboarding,
    {
      ...world,
      perform(effect: Effect, state: State) {
        if (isInterrupted && effect.do === 'confirmRoles') life.give(commandOf('cancel', 0, true));
        isInterrupted = false;
        return world.perform(effect, state);
      },
      comparable: (state: State) => ({ ...state, assertions: [] }),
      seen: (before: State, event, after: State) => expectInOrder(before, event, after, world.known, life.now),
    },
    { state: asked(), now: START, thorough },
  );
  for (const one of happenings) {
    happen(one);
    if (!one.together) life.turn();
    if (onboarding.isClosed(life.state)) break;
  }
  life.turn();
  // Half of those that are still open are cancelled, so that there is something to remove.
  if ((happenings[0]?.pick ?? 0) < 50) life.give(commandOf('cancel', 0, true));
  life.turn();
  windUp();
  return { life, world };

  function happen({ what, pick, yes, hours }: Happening): void {
    switch (what) {
      case 'go':
        return goOn(pick, yes);
      case 'finish':
        return finish(true);
      case 'fail':
        return finish(false);
      case 'decide':
        return decide(pick, yes);
      case 'pass':
        return life.pass(hours * HOUR);
      case 'due':
        return pass(0);
      case 'late':
        return pass(hours * HOUR * 3);
      case 'roles':
        return world.setModerators(REVIEWERS.filter((_, index) => (pick >> index) % 2 === 1));
      case 'outage':
        isInterrupted = pick % 2 === 0;
        return world.setOutage(pick % 4);
      // Each life would end early else.
      case 'temporal':
        return pick < 25 ? life.cancel() : goOn(pick, yes);
      case 'cancel':
        return pick < 25 ? void life.give(commandOf(what, pick, yes)) : goOn(pick, yes);
      case 'kill':
        return life.kill();
      case 'continue':
        return goOnAsNewRun();
      case 'signal':
        return life.hear({ what: 'changed', child: `join:s${pick % 3}`, state: yes ? 'active' : 'closed' });
      case 'repeat':
      case 'review':
      case 'input':
      case 'skip':
      case 'retry':
      case 'pause':
      case 'resume':
        // Most of what is said is about the step that is being taken.
        if (yes && (what === 'input' || what === 'review') && currentKind() === 'join') return goOn(pick, yes);
        return void life.give(commandOf(what, pick, yes));
    }
  }

  /** Brings it forward. */
  function goOn(pick: number, yes: boolean): void {
    if (life.slot) return finish(yes || pick % 4 > 0);
    if (world.pending().length > 0) return decide(pick, yes);
    const kind = currentKind();
    if (kind === 'input') return void life.give(commandOf('input', pick, true));
    if (kind === 'approval') return void life.give(commandOf('review', pick, true));
    pass(0);
  }

  function currentKind(): string | undefined {
    return isUnderway(life.state) ? currentStep(life.state.course)?.step.kind : undefined;
  }

  function pass(more: number): void {
    const due = onboarding.deadline(life.state);
    if (due) life.pass(Math.max(due.at - life.now, 0) + more);
  }

  function finish(works: boolean): void {
    const effect: Effect | undefined = life.slot;
    if (effect) life.finish(world.perform(effect, life.state, works));
  }

  /** An open request gets its decision, and the onboarding hears it, or only that there is something to look at. */
  function decide(pick: number, yes: boolean, among = world.pending()): void {
    const request = among[pick % Math.max(among.length, 1)];
    if (!request) return;
    const as = request.isTakenBack && yes ? 'withdrawn' : (DECISIONS[pick % DECISIONS.length] ?? 'joined');
    const news = world.decide(request, as, life.now);
    const isHeard = request.heardBy === life.state.runId;
    const told = yes ? news : news.toReversed();
    for (const one of told) if (one.what === 'changed' || isHeard) life.hear(one);
  }

  function goOnAsNewRun(): void {
    if (!life.canContinue) return;
    life.kill();
    life.replace((state) => continued(state, `${state.runId}+`));
  }

  function commandOf(what: string, pick: number, yes: boolean): OnboardingCommand {
    const current = isUnderway(life.state) ? currentStep(life.state.course) : undefined;
    const step = (pick % 4 > 0 && current?.step.id) || (yes ? 'last' : `s${pick % 5}`);
    const principal = [ADA, ADA, ADA, MONA, ALICE, REVIEWERS[0] ?? ADA][pick % 6] ?? ADA;
    // Once in a while a proof is used again.
    const actor = { principal, ...(pick % 7 === 0 ? { assertion: `proof-${pick % 3}` } : {}) };
    const why = { actor, reason: 'so' };
    const held = life.state.state === 'incident' && yes ? life.state.step : step;
    switch (what) {
      case 'review':
      case 'repeat': {
        const reviewer = [...REVIEWERS, ...REVIEWERS, ADA, MONA][pick % 10] ?? ADA;
        const decision = yes ? 'approve' : (['approve', 'deny', 'abstain', 'comment'] as const)[pick % 4];
        const reviewId = what === 'repeat' ? 'same' : undefined;
        const digest = current?.opening.approval?.panel.requestDigest;
        const command = {
          actor: { ...actor, principal: reviewer },
          step,
          decision: decision ?? 'approve',
          comment: 'so',
          ...(reviewId ? { reviewId } : {}),
          ...(pick % 5 === 0 ? { requestDigest: yes && digest ? digest : '9'.repeat(64) } : {}),
        };
        return { name: 'review', command };
      }
      case 'input':
        return {
          name: 'submitInput',
          command: { actor: { ...actor, principal: yes ? ALICE : principal }, step, answers: { role: 'x' } },
        };
      case 'skip':
        return { name: 'skip', command: { ...why, step: held } };
      case 'retry':
        return { name: 'retryStep', command: { ...why, step: held } };
      case 'pause':
        return { name: 'pause', command: why };
      case 'resume':
        return { name: 'resume', command: why };
      default:
        return { name: 'cancel', command: { ...why, compensate: yes } };
    }
  }

  /** The people have gone: it comes to its end since time runs out, or somebody cancels it. */
  function windUp(): void {
    for (let turn = 0; turn < 400 && !onboarding.isClosed(life.state); turn += 1) {
      const takenBack = world.pending().filter(({ isTakenBack }) => isTakenBack);
      const due = onboarding.deadline(life.state);
      if (life.slot) finish(turn % 5 > 0);
      else if (takenBack.length > 0) decide(turn, true, takenBack);
      else if (due) life.pass(Math.max(due.at - life.now, 0));
      else if (world.pending().length > 0) decide(turn, true);
      else if (life.state.state === 'paused')
        life.give({ name: 'resume', command: { actor: { principal: ADA }, reason: 'so' } });
      else {
        // It waits for an answer of the member that has no end.
        expect([life.state.state, currentKind()]).toEqual(['running', 'input']);
        life.cancel();
      }
      life.turn();
    }
  }
}
