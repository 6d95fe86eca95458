import { shortName } from '../../domain/arn.ts';
import type { Answer, AskedInput, Deed, RequestView } from '../../domain/view.ts';

/** What the requester has to answer, and until when. */
export function inputRows(inputs: readonly AskedInput[]): string[][] {
  return inputs.map(({ binding, prompt, dueAt }) => ['asks', `${binding}: ${prompt} (until ${dueAt})`]);
}

export function deferralRows({ deferredUntil }: Pick<RequestView, 'deferredUntil'>): string[][] {
  return deferredUntil === undefined ? [] : [['asked again', `at ${deferredUntil}`]];
}

/** What failed for good, and how an operator mends it. */
export function incidentRows({ id, incident }: Pick<RequestView, 'id' | 'incident'>): string[][] {
  if (!incident) return [];
  const { during, at, error, dueAt } = incident;
  return [
    ['incident', `during ${during}, since ${at}: ${error.type}: ${error.message}`],
    ...(error.hint ? [['what to do', error.hint]] : []),
    ...(error.requestId ? [['AWS request', error.requestId]] : []),
    ['then', `admit incident retry ${id} --reason WHY --as ADMIN_ARN, or abandon, before ${dueAt}`],
  ];
}

export function termRows({ term, seenAt }: Pick<RequestView, 'seenAt'> & Pick<Answer, 'term'>): string[][] {
  if (!term) return [];
  const seen = seenAt === undefined ? [] : [['last seen', `in Chime at ${seenAt}`]];
  return [['term', `since ${term.startedAt}, ends ${term.endsAt}`], ...seen];
}

/** How the membership was ended after its request. */
export function revocationRows({ revocation }: Pick<RequestView, 'revocation'>): string[][] {
  if (!revocation) return [];
  const { state, reason, error, id } = revocation;
  return [
    ['revoked', `by ${doneBy(revocation)}: ${reason}`],
    ['afterwards', REVOCATION[state]],
    ...(error ? [['failed', `${error.type}: ${error.message}`]] : []),
    ['by workflow', id],
  ];
}

/** A longer term that is asked for. */
export function extensionRows({ extension, term }: Pick<RequestView, 'extension' | 'term'>): string[][] {
  if (!extension || !term) return [];
  const endsAt = new Date(Date.parse(term.startedAt) + extension.ms).toISOString();
  const why = extension.reason === undefined ? '' : `: ${extension.reason}`;
  return [['extension', `until ${endsAt}, asked by ${doneBy(extension)}${why}`]];
}

/** Who let it through against what the policies said. */
export function overrideRows({ override }: Pick<RequestView, 'override'>): string[][] {
  return override ? [['OVERRIDDEN', `by ${doneBy(override)}: ${override.reason} (${override.ticket})`]] : [];
}

export function doneBy({ by, at, verified }: Deed): string {
  return `${shortName(by)} at ${at}${verified ? '' : ', not verified'}`;
}

/** What became of a membership that was to be ended after its request. */
export const REVOCATION = {
  removing: 'the membership is being removed; admit show tells how far it is',
  removed: 'the membership was removed',
  gone: 'the membership was gone already',
  notOurs: 'the membership there now is not the one that this request made: it was left',
  failed: 'the membership could not be removed; admit show tells why, and revoke tries again',
} as const;
