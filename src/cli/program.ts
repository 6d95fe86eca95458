import { Command, CommanderError } from 'commander';
import { packageVersion } from '../package-files.ts';
import type { AdmissionError } from '../service/result.ts';
import { addAmend, addExtend, addInput, addJoin, addWithdraw } from './commands/ask.ts';
import { addDemo, addDev, addEmulator } from './commands/dev.ts';
import { addDoctor, addSetup, addWorker } from './commands/set-up.ts';
import { addIncident, addOverride, addReassign, addReevaluate } from './commands/operate.ts';
import { addKeys } from './commands/keys.ts';
import { addList, addPlan, addShow } from './commands/look.ts';
import { addOnboard } from './commands/onboard.ts';
import { addPolicies } from './commands/policies.ts';
import { addReview, addRevoke } from './commands/decide.ts';
import { EXIT, io, withIo, note, printError, type Io } from './output.ts';

const GROUPS = {
  'Ask:': [addJoin, addAmend, addInput, addWithdraw, addExtend],
  'Look:': [addShow, addPlan, addList],
  'Decide:': [addReview, addRevoke],
  'Operate:': [addIncident, addOverride, addReassign, addReevaluate],
  'Onboard:': [addOnboard],
  'Write policies:': [addPolicies],
  'Set up and run:': [addKeys, addSetup, addDoctor, addWorker, addDev, addDemo, addEmulator],
};

/** Whatever was typed is quoted; of several lines, only what may have been meant is one of ours. */
function sayError(text: string): void {
  const [, message = text, hint] = /^([^]*?)\n(\(Did you mean [^\n]*\))?\n?$/.exec(text) ?? [];
  note(message);
  if (hint !== undefined) note(hint);
}

/** All of `admit`. `json`: even a misspelled option is answered in JSON, by whoever catches the error. */
export function createProgram(json: boolean): Command {
  const program = new Command('admit')
    .description('Decides who may join an Amazon Chime SDK Messaging channel, waits for people, and adds the member.')
    .version(packageVersion())
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io().stdout.write(text),
      writeErr: (text) => io().stderr.write(text),
      outputError: json ? () => undefined : sayError,
    })
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 a problem here, 2 bad or refused input, 3 to 5 how `join` or `onboard start` stands, 6 no server or no worker within 10 s.',
    );
  for (const [heading, commands] of Object.entries(GROUPS)) {
    program.commandsGroup(heading);
    for (const add of commands) add(program);
  }
  // Sub-commands copy these settings when they are made, except how they exit.
  for (const command of program.commands.flatMap((one) => [one, ...one.commands])) {
    command.exitOverride().showHelpAfterError(false);
  }
  return program;
}

/** Runs `admit` with these arguments to its end, prints what comes of it, and gives the exit code. */
export function runCli(args: readonly string[], on: Io): Promise<number> {
  return withIo(on, () => runProgram(args));
}

async function runProgram(args: readonly string[]): Promise<void> {
  const json = args.includes('--json');
  try {
    await createProgram(json).parseAsync(args, { from: 'user' });
  } catch (error) {
    const isCall = error instanceof CommanderError;
    const asked = isCall && error.exitCode === 0;
    const message = error instanceof Error ? error.message : String(error);
    if (!isCall) printError(json, await unexpected(error, message));
    else if (!asked && json) printError(json, { code: 'InvalidCall', message: message.replace(/^error: /, '') });
    if (isCall) io().exitCode = asked ? EXIT.ok : EXIT.input;
  }
}

/** A bug, or something that nobody has thought of: where it was helps, and what it carries is not printed raw. */
async function unexpected(error: unknown, message: string): Promise<AdmissionError> {
  const { TemporalConfigError } = await import('../service/connect.ts');
  if (error instanceof TemporalConfigError) {
    const { field, accepted } = error;
    return { code: 'InvalidConfiguration', field, message, accepted };
  }
  const [, ...details] = (error instanceof Error ? (error.stack ?? '') : '').split('\n').map((line) => line.trim());
  return { code: 'Unexpected', message, details };
}
