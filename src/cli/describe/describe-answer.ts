import type { Answer, RequestView } from '../../domain/view.ts';
import { columns } from '../output.ts';
import { askedRows, reviewRows } from './people.ts';
import { decisionRows, endRows, headline, lastRows, section } from './rows.ts';
import { deferralRows, inputRows, termRows } from './waiting.ts';

type Described = Answer & Pick<RequestView, 'approvals'> & { readonly uiUrl: string | null };

/** The lines for who asked: what it came to, then why, then where to look. */
export function describeAnswer(answer: Described, next?: string): string[] {
  return [
    headline(answer),
    ...columns(
      [
        ['id', answer.id],
        ...notTakenRows(answer),
        ...endRows(answer),
        ...termRows(answer),
        ...inputRows(answer.inputs),
        ...deferralRows(answer),
        ...(answer.waitsFor === 'people' ? askedRows(answer) : []),
        ...lastRows(answer),
      ],
      '  ',
    ),
    ...section('policies', decisionRows(answer.decisions)),
    ...section('reviews', reviewRows(answer.approvals)),
    ...(next ? ['', 'To go on:', `  ${next}`] : []),
  ];
}

function notTakenRows({ id, notTaken = [] }: Described): string[][] {
  if (notTaken.length === 0) return [];
  return [['not taken', `${notTaken.join(', ')}: the request was open already. To change it: admit amend ${id}`]];
}
