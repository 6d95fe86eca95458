import { defineQuery, defineUpdate } from '@temporalio/workflow';
import { COMMAND_NAMES, PLAN_QUERY, REQUEST_JOIN, STATE_QUERY } from '../domain/commands.ts';
import type { CommandName, CommandResult } from '../domain/commands.ts';
import type { Plan } from '../domain/plan.ts';
import type { Answer, RequestView } from '../domain/view.ts';

/** Arguments come from anywhere, the Temporal UI included: they are checked, whatever their type says. */
export const requestJoinUpdate = defineUpdate<Answer, [unknown]>(REQUEST_JOIN);
export const commandUpdates = COMMAND_NAMES.map(
  (name) => [name, defineUpdate<CommandResult, [unknown]>(name)] as const,
) satisfies readonly (readonly [CommandName, unknown])[];
export const stateQuery = defineQuery<RequestView>(STATE_QUERY);
export const planQuery = defineQuery<Plan>(PLAN_QUERY);
