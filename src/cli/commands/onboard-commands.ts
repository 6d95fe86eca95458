import { existsSync, readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { OnboardingCommandName, OnboardingCommandOf, OnboardingResult } from '../../domain/onboarding/commands.ts';
import { cell } from '../../domain/text.ts';
import type { AdmissionError, Result } from '../../service/result.ts';
import { withService } from '../context.ts';
import { fieldRows } from '../describe/rows.ts';
import { actorOf, type ActorOptions } from '../give.ts';
import { withFlag, given } from '../options.ts';
import { print, printError } from '../output.ts';

interface Options extends ActorOptions {
  reason?: string;
  step?: string;
  compensate?: boolean;
  answers?: string;
  approve?: boolean;
  deny?: boolean;
  abstain?: boolean;
  comment?: string;
  digest?: string;
}

export function addOnboardCommands(onboard: Command): void {
  const ADMIN = 'an admin of the app instance';
  const operator = (name: string, summary: string, who = ADMIN) =>
    withActor(onboard.command(name), summary, who).requiredOption('--reason <text>', 'why, for the record');
  operator('pause', 'let its times stand still').action((id: string, o: Options) =>
    give(id, 'pause', { reason: why(o) }, o),
  );
  operator('resume', 'go on after a pause').action((id: string, o: Options) =>
    give(id, 'resume', { reason: why(o) }, o),
  );
  operator('cancel', 'end it', `${ADMIN}, or who asked for it`)
    .option('--compensate', 'remove the memberships that it made, the last first; without it they stay')
    .action((id: string, o: Options) => give(id, 'cancel', { reason: why(o), compensate: o.compensate === true }, o));
  operator('skip', 'leave a step out; after a failed removal: leave the membership')
    .requiredOption('--step <step>', 'the id of the step')
    .action((id: string, o: Options) => give(id, 'skip', { step: o.step ?? '', reason: why(o) }, o));
  operator('retry', 'have a step tried again that failed, or a removal')
    .requiredOption('--step <step>', 'the id of the step')
    .action((id: string, o: Options) => give(id, 'retryStep', { step: o.step ?? '', reason: why(o) }, o));
  withActor(onboard.command('input'), 'answer the questions of a step', 'the member')
    .argument('<step>', 'the id of the step')
    .description('Answers the questions of a step; without answers, shows what is asked.')
    .option('--answers <json>', 'a JSON object, or a file that holds one')
    .action(input);
  withActor(onboard.command('review'), 'approve or deny a step', 'an approver')
    .argument('<step>', 'the id of the step')
    .option('--approve', 'agree')
    .option('--deny', 'refuse')
    .option('--abstain', 'have no opinion')
    .option('--comment <text>', 'why, for the record; alone it is a comment and decides nothing')
    .option(
      '--digest <sha256>',
      'of what you saw, from `admit onboard show`: refused if the step was opened anew since',
    )
    .action(review);
}

function withActor(command: Command, summary: string, who: string): Command {
  return command
    .summary(summary)
    .description(`${summary.slice(0, 1).toUpperCase()}${summary.slice(1)}.`)
    .argument('<id>', 'the id of the onboarding')
    .option('--as <arn>', `who gives this command: ${who} (default: whom the signing key is for)`)
    .option('--json', 'print JSON');
}

function why({ reason }: Options): string {
  return reason ?? '';
}

async function input(id: string, step: string, options: Options): Promise<void> {
  if (options.answers === undefined) return questions(id, step, options.json);
  const answers = parsed(options.answers);
  if (answers === undefined) {
    const message = '--answers: this is no JSON object, and no file that holds one';
    return printError(options.json, {
      code: 'InvalidInput',
      field: 'answers',
      message,
      accepted: '{"field": "value"}',
      id,
    });
  }
  return give(id, 'submitInput', { step, answers }, options);
}

function questions(id: string, name: string, json: boolean | undefined): Promise<void> {
  return withService(json, async ({ onboarding }) => {
    const view = await onboarding.show(id);
    if (!view.ok) return view.error;
    const inputs = view.value.flow.steps.filter((step) => step.kind === 'input');
    const asked = inputs.find((step) => step.id === name);
    if (!asked) {
      const accepted = inputs.map((step) => step.id).join(', ') || 'this flow asks nothing';
      return { code: 'UnknownStep', field: 'step', message: `There is no input step ${name}.`, accepted, id };
    }
    const { prompt, schema } = asked;
    print(json, { step: name, prompt, schema }, () => [`${name} asks: ${cell(prompt)}`, ...fieldRows(schema)]);
    return undefined;
  });
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(existsSync(text) ? readFileSync(text, 'utf8') : text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

async function review(id: string, step: string, options: Options): Promise<void> {
  const { approve, deny, abstain, comment, digest: requestDigest, json } = options;
  const flags = { approve, deny, abstain } as const;
  const chosen = (Object.keys(flags) as (keyof typeof flags)[]).filter((name) => flags[name]);
  const decisions = chosen.length === 0 && comment !== undefined ? (['comment'] as const) : chosen;
  const [decision] = decisions;
  if (decision === undefined || decisions.length > 1) {
    const accepted = 'one of --approve, --deny and --abstain, or --comment alone';
    return printError(json, {
      code: 'InvalidReview',
      field: 'decision',
      message: decisions.length > 1 ? 'a review is one decision' : 'a review needs a decision or a comment',
      accepted,
      id,
    });
  }
  return give(id, 'review', { step, decision, ...given({ comment, requestDigest }) }, options);
}

function give<N extends OnboardingCommandName>(
  id: string,
  name: N,
  fields: Omit<OnboardingCommandOf<N>, 'actor'>,
  { as, json }: ActorOptions,
): Promise<void> {
  return withService(json, async (context) => {
    const actor = actorOf(as, context);
    if (!actor.ok) return actor.error;
    const command = { ...fields, actor: { principal: actor.value } } as unknown as OnboardingCommandOf<N>;
    return reported(await context.onboarding.give(id, name, command), json);
  });
}

function reported(result: Result<OnboardingResult>, json: boolean | undefined): AdmissionError | undefined {
  if (!result.ok) return withFlag(result.error);
  const { id, state, outcome, percent } = result.value;
  print(json, result.value, () => [`${id} is ${outcome ?? state}, ${percent} %`]);
  return undefined;
}
