/** The ways in which a step ends. `failed`: and the flow went on, since it says so; `notNeeded`: its condition was false. */
export const STEP_ENDS = ['done', 'skipped', 'failed', 'notNeeded'] as const;

type StepStatus = 'future' | 'now' | (typeof STEP_ENDS)[number];

/**
 * When a step is needed. It is evaluated in the workflow, over nothing but its own state, so that it says the same in
 * every replay.
 */
export type Condition =
  | { readonly step: string; readonly is: (typeof STEP_ENDS)[number] }
  | { readonly answer: string; readonly equals: string | number | boolean }
  | { readonly param: string; readonly equals: string }
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition };

/** Conditions and texts may look at this. */
export interface Known {
  readonly params: Readonly<Record<string, string>>;
  readonly statusOf: (step: string) => StepStatus | undefined;
  readonly answersOf: (step: string) => Readonly<Record<string, unknown>> | undefined;
}

export function holds(condition: Condition, known: Known): boolean {
  if ('step' in condition) return known.statusOf(condition.step) === condition.is;
  if ('answer' in condition) return answerAt(condition.answer, known) === condition.equals;
  if ('param' in condition) return known.params[condition.param] === condition.equals;
  if ('all' in condition) return condition.all.every((one) => holds(one, known));
  if ('any' in condition) return condition.any.some((one) => holds(one, known));
  return !holds(condition.not, known);
}

/** The answer that `form.role` means; nothing where nobody gave one. */
export function answerAt(place: string, { answersOf }: Pick<Known, 'answersOf'>): unknown {
  const [step = '', field = ''] = place.split('.');
  const answers = answersOf(step);
  return answers && Object.hasOwn(answers, field) ? answers[field] : undefined;
}

/** Every step, answer and param that a condition names, with its place below the condition. */
export function namesIn(condition: Condition, path: readonly PropertyKey[] = []): Named[] {
  if ('step' in condition) return [{ path: [...path, 'step'], step: condition.step }];
  if ('answer' in condition) return [{ path: [...path, 'answer'], answer: condition.answer }];
  if ('param' in condition) return [{ path: [...path, 'param'], param: condition.param }];
  if ('not' in condition) return namesIn(condition.not, [...path, 'not']);
  const [key, list] = 'all' in condition ? (['all', condition.all] as const) : (['any', condition.any] as const);
  return list.flatMap((one, index) => namesIn(one, [...path, key, index]));
}

export interface Named {
  readonly path: readonly PropertyKey[];
  readonly step?: string;
  readonly answer?: string;
  readonly param?: string;
}
