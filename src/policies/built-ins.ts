import { allowList } from './allow-list.ts';
import { approval } from './approval.ts';
import { ban } from './ban.ts';
import { expression } from './expression.ts';
import { hiddenApproval } from './hidden-approval.ts';
import { http } from './http.ts';
import type { Policy } from './policy.ts';
import { privacy } from './privacy.ts';
import { subChannel } from './sub-channel.ts';

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
];
