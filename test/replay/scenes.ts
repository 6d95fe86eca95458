import type { Scene } from './scene.ts';
import { activeScenes } from './scenes/active.ts';
import { asking } from './scenes/asking.ts';
import { changed } from './scenes/changed.ts';
import { evaluating } from './scenes/evaluating.ts';
import { closedOnboardings } from './scenes/onboarding-closed.ts';
import { openOnboardings } from './scenes/onboarding-open.ts';
import { people } from './scenes/people.ts';
import { asSteps } from './scenes/steps.ts';
import { telling } from './scenes/told.ts';

/** Every state, every outcome, and every way in which commands, timers and activities can meet. The names are file names. */
export const scenes: Record<string, Scene> = {
  ...evaluating,
  ...asking,
  ...people,
  ...changed,
  ...activeScenes,
  ...telling,
  ...openOnboardings,
  ...closedOnboardings,
  ...asSteps,
};
