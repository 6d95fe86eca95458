import type { Reason } from '../domain/admission.ts';
import type { RequestError } from '../domain/view.ts';
import { chimeActivities } from './activity-options.ts';
import type { Kept } from './carried.ts';
import { toRequestError } from './failures.ts';
import type { Record } from './record.ts';

/** Removes the membership, if it is still the one that this system made; as durably as it was made. */
export async function remove(record: Record, { serviceBearer, settings }: Kept): Promise<RequestError | undefined> {
  const { request, grant, reason } = record.view;
  const chime = chimeActivities('Remove the member, if the membership is still ours', serviceBearer, settings);
  try {
    const done = await chime.removeMembership({ request, grant: grant ?? { type: request.type } });
    const said = reason ?? TERM_ENDED;
    record.update({ reason: { ...said, message: `${said.message} ${DONE[done]}` } });
    return undefined;
  } catch (error) {
    return toRequestError(error);
  }
}

const DONE = {
  removed: 'The membership was removed.',
  gone: 'The membership was gone already.',
  notOurs: 'The membership there now is not the one that this request made: it was left.',
};

export const TERM_ENDED: Reason = {
  code: 'TERM_ENDED',
  message: 'The term is over.',
  binding: 'host',
  visibility: 'full',
};
