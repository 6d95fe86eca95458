#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { packageVersion } from '../config.ts';
import { addAmend } from './commands/amend.ts';
import { addDemo } from './commands/demo.ts';
import { addDev } from './commands/dev.ts';
import { addDoctor } from './commands/doctor.ts';
import { addEmulator } from './commands/emulator.ts';
import { addExtend } from './commands/extend.ts';
import { addIncident } from './commands/incident.ts';
import { addInput } from './commands/input.ts';
import { addJoin } from './commands/join.ts';
import { addKeys } from './commands/keys.ts';
import { addList } from './commands/list.ts';
import { addOnboard } from './commands/onboard.ts';
import { addOverride } from './commands/override.ts';
import { addPlan } from './commands/plan.ts';
import { addPolicies } from './commands/policies.ts';
import { addReassign } from './commands/reassign.ts';
import { addReevaluate } from './commands/reevaluate.ts';
import { addReview } from './commands/review.ts';
import { addRevoke } from './commands/revoke.ts';
import { addSetup } from './commands/setup.ts';
import { addShow } from './commands/show.ts';
import { addWithdraw } from './commands/withdraw.ts';
import { addWorker } from './commands/worker.ts';
import { EXIT } from './exit-code.ts';
import { printError } from './output.ts';

const json = process.argv.includes('--json');

const program = new Command('admit')
  .description('Decides who may join an Amazon Chime SDK Messaging channel, waits for people, and adds the member.')
  .version(packageVersion())
  .showSuggestionAfterError()
  .exitOverride()
  // With --json even a misspelled option is answered in JSON.
  .configureOutput(json ? { writeErr: () => undefined } : {})
  .addHelpText(
    'after',
    '\nExit codes: 0 done, 1 a problem here, 2 bad or refused input, 3 to 5 how `join` or `onboard start` stands, 6 no server or no worker within 10 s.',
  );

const groups = {
  'Ask:': [addJoin, addAmend, addInput, addWithdraw, addExtend],
  'Look:': [addShow, addPlan, addList],
  'Decide:': [addReview, addRevoke],
  'Operate:': [addIncident, addOverride, addReassign, addReevaluate],
  'Onboard:': [addOnboard],
  'Write policies:': [addPolicies],
  'Set up and run:': [addKeys, addSetup, addDoctor, addWorker, addDev, addDemo, addEmulator],
};
for (const [heading, commands] of Object.entries(groups)) {
  program.commandsGroup(heading);
  for (const add of commands) add(program);
}
// Sub-commands copy these settings when they are made, except how they exit.
for (const command of program.commands.flatMap((one) => [one, ...one.commands])) {
  command.exitOverride().showHelpAfterError(false);
}

/** A bug, or something that nobody has thought of: where it was helps, and what it carries is not printed raw. */
function unexpected(error: unknown, message: string) {
  const [, ...details] = (error instanceof Error ? (error.stack ?? '') : '').split('\n').map((line) => line.trim());
  return { code: 'Unexpected', message, details };
}

try {
  await program.parseAsync();
} catch (error) {
  const isCall = error instanceof CommanderError;
  const asked = isCall && error.exitCode === 0;
  const message = error instanceof Error ? error.message : String(error);
  if (!isCall) printError(json, unexpected(error, message));
  else if (!asked && json) printError(json, { code: 'InvalidCall', message: message.replace(/^error: /, '') });
  if (isCall) process.exitCode = asked ? EXIT.ok : EXIT.input;
}

// A call that nobody answers must not keep the process alive after its command is done.
process.exit();
