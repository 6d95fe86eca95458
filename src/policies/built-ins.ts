import { allowList } from './allow-list.ts';
import { approval } from './approval.ts';
import { ban } from './ban.ts';
import { coolingOff } from './cooling-off.ts';
import { expression } from './expression.ts';
import { hiddenApproval } from './hidden-approval.ts';
import { http } from './http.ts';
import type { Policy } from './policy.ts';
import { privacy } from './privacy.ts';
import { screening } from './screening.ts';
import { subChannel } from './sub-channel.ts';
import { term } from './term.ts';

/** The policies that come with Channel Admission; a test compares this list with the folder. */
export const builtIns: readonly Policy[] = [
  privacy,
  ban,
  subChannel,
  hiddenApproval,
  approval,
  expression,
  allowList,
  http,
  screening,
  coolingOff,
  term,
];
