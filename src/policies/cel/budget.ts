/**
 * What one evaluation may cost: about one for each part of the expression that is evaluated, and one for each ten
 * characters, bytes or elements that an operation has to go through. It is counted before the work is done.
 */
export const MAX_COST = 1_000_000;

/** What an evaluation has left, its explanation included. */
export interface Budget {
  cost: number;
}

/** What an evaluation may cost that holds up everything else, some milliseconds at most. */
export const PLAIN_COST = MAX_COST / 100;

export const newBudget = (cost = MAX_COST): Budget => ({ cost });

// Functions of CEL know nothing of the evaluation that calls them. It is synchronous and calls nothing of ours besides
// our functions, so there is never more than one at a time.
let current = newBudget();

/** Does something at the expense of a budget. */
export function spending<T>(budget: Budget, work: () => T): T {
  const before = current;
  current = budget;
  try {
    return work();
  } finally {
    current = before;
  }
}

export function remaining(): number {
  return current.cost;
}

/** Throws where nothing is left. */
export function charge(cost: number): void {
  current.cost -= cost;
  if (current.cost < 0) throw new Error(`it costs more than ${MAX_COST}: too much to go through`);
}
