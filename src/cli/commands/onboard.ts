import type { Command } from 'commander';
import { addOnboardCommands } from './onboard/commands.ts';
import { addOnboardLint } from './onboard/lint.ts';
import { addOnboardList } from './onboard/list.ts';
import { addOnboardShow } from './onboard/show.ts';
import { addOnboardStart } from './onboard/start.ts';

export function addOnboard(program: Command): void {
  const onboard = program
    .command('onboard')
    .summary('lead a member through the steps of a declared flow')
    .description(
      'Leads a member through the steps of a declared flow: joins, questions, messages, waits and approvals.',
    );
  for (const add of [addOnboardStart, addOnboardShow, addOnboardList, addOnboardCommands, addOnboardLint]) add(onboard);
}
