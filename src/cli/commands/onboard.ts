import type { Command } from 'commander';
import { addOnboardCommands } from './onboard/commands.ts';
import { addOnboardFlows } from './onboard/flows.ts';
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
    )
    .addHelpText('after', EXAMPLES);
  for (const add of [
    addOnboardStart,
    addOnboardShow,
    addOnboardList,
    addOnboardCommands,
    addOnboardLint,
    addOnboardFlows,
  ])
    add(onboard);
}

const EXAMPLES = `
Examples:
  admit onboard lint FLOW.yaml
  admit onboard flows
  admit onboard start FLOW --member USER_ARN --param team=CHANNEL_ARN --as MODERATOR_ARN
  admit onboard input ID STEP --answers '{"field":"value"}' --as MEMBER_ARN
  admit onboard review ID STEP --approve --as APPROVER_ARN
  admit onboard pause ID --reason "holidays" --as ADMIN_ARN
  admit onboard cancel ID --reason "left us" --compensate --as ADMIN_ARN`;
