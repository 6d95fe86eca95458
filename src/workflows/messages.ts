import { defineQuery, defineUpdate } from '@temporalio/workflow';
import { STATE_QUERY, UPDATES } from '../domain/commands.ts';
import type { CommandResult } from '../domain/commands.ts';
import type { Answer, RequestView } from '../domain/view.ts';

/** Arguments come from anywhere, the Temporal UI included: they are checked, whatever their type says. */
export const requestJoinUpdate = defineUpdate<Answer, [unknown]>(UPDATES.requestJoin);
export const reviewUpdate = defineUpdate<CommandResult, [unknown]>(UPDATES.review);
export const withdrawUpdate = defineUpdate<CommandResult, [unknown]>(UPDATES.withdraw);
export const reevaluateUpdate = defineUpdate<CommandResult, [unknown]>(UPDATES.reevaluate);
export const stateQuery = defineQuery<RequestView>(STATE_QUERY);
