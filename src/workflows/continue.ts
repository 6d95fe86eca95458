import { workflowInfo } from '@temporalio/workflow';
import type { Settings } from '../domain/settings.ts';
import type { Door } from './door.ts';

/** Whether a run has taken its share of messages, or its history is long. */
export function hadItsShare(door: Door, settings: Pick<Settings, 'commandsPerRun'> | undefined): boolean {
  return settings !== undefined && (door.taken() >= settings.commandsPerRun || workflowInfo().continueAsNewSuggested);
}
