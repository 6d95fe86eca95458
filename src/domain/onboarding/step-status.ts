/** How a step can have ended. `failed`: and the flow went on, since it says so; `notNeeded`: its condition was false. */
export const STEP_ENDS = ['done', 'skipped', 'failed', 'notNeeded'] as const;

export type StepStatus = 'future' | 'now' | (typeof STEP_ENDS)[number];
