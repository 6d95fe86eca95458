import { cells } from '../../domain/text.ts';
import type { Backtest } from './backtest.ts';
import { outcomeText } from './outcome-change.ts';

/** What a backtest found, for people: what would change, then what cannot be told, then how much of it there was. */
export function formatBacktest(found: Backtest): string[] {
  const { changed, undecidable, unchanged, neverDecided, reusedAnswers } = cells(found);
  return [
    ...changed.flatMap(({ id, from, to, bindings }) => [
      `changed      ${id}`,
      `             ${outcomeText(from)} → ${outcomeText(to)}, because of ${bindings.join(', ')}`,
    ]),
    ...undecidable.map(({ id, because }) => `undecidable  ${id}: ${because}`),
    ...(changed.length + undecidable.length > 0 ? [''] : []),
    `${changed.length} changed, ${unchanged} unchanged, ${undecidable.length} undecidable`,
    ...(neverDecided > 0 ? [`${neverDecided} ended or wait before any policy had decided`] : []),
    ...(reusedAnswers > 0
      ? [`${reusedAnswers} answer(s) of external policies were taken from the record, whatever their params are now`]
      : []),
  ];
}
