import { parseJoinRequest } from '../../../schemas/join-request.ts';
import type { JoinRequest } from '../../../domain/request.ts';
import { bad, good } from '../../../service/result.ts';
import type { Result } from '../../../service/result.ts';
import { withFlag } from '../../flags.ts';
import { requestFields } from '../../request-options.ts';
import type { RequestOptions } from '../../request-options.ts';

/** The request that is meant; an error names the flag beside the field. */
export function requestOf(options: RequestOptions): Result<JoinRequest> {
  const parsed = parseJoinRequest(requestFields(options));
  if (parsed.ok) return good(parsed.value);
  const [issue] = parsed.issues;
  return bad(withFlag({ code: 'InvalidRequest', message: 'this is not a request', ...issue }));
}
