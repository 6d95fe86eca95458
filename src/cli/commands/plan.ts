import type { Command } from 'commander';
import type { Plan } from '../../domain/plan.ts';
import { bad, good } from '../../service/result.ts';
import { keyOwner, withService } from '../context.ts';
import { describePlan } from '../describe/describe-plan.ts';
import { given } from '../given.ts';
import { print, printError } from '../output.ts';
import { addOptionalRequest, addRehearsalOptions } from '../request-options.ts';
import type { RehearsalOptions } from '../request-options.ts';

type PlanOptions = Partial<RehearsalOptions> & { json?: boolean };

export function addPlan(program: Command): void {
  const command = program
    .command('plan')
    .summary('show what happened, what is going on and what is to come')
    .description(
      'Shows what happened to a request, what is going on, who may act, and what comes when. Of a request that nobody has made (--channel, --member), shows how it would go: nothing is started or written.',
    )
    .argument('[id]', 'the id of the request');
  addRehearsalOptions(addOptionalRequest(command))
    .option('--json', 'print JSON')
    .addHelpText('after', EXAMPLES)
    .action(plan);
}

const EXAMPLES = `
Examples:
  admit plan ID
  admit plan --channel CHANNEL_ARN --member USER_ARN --type HIDDEN`;

async function plan(id: string | undefined, options: PlanOptions): Promise<void> {
  const { channel, member, json } = options;
  if (id !== undefined && channel === undefined && member === undefined) return planOf(id, json);
  if (id !== undefined || channel === undefined || member === undefined) {
    const accepted = 'the id of a request, or --channel and --member of one that is not made';
    return printError(json, { code: 'InvalidCall', message: 'what is the plan of?', accepted });
  }
  const [{ missingFacts, rehearse }, { decide }, { planOfConclusion }] = await Promise.all([
    import('./policies/rehearsal.ts'),
    import('../../authoring/decide.ts'),
    import('../../domain/plan.ts'),
  ]);
  const as = options.as ?? (await keyOwner());
  const imagined = await rehearse<Plan>({ ...options, channel, member, ...given({ as }) }, async (prepared) => {
    const { set, request, rehearsal, config } = prepared;
    const { conclusion, decisions, missing, notAsked, approversUnknown } = await decide(set, request, rehearsal);
    const lacks = [...missing, ...(approversUnknown ? ['approvers'] : [])];
    if (!conclusion || lacks.length > 0) return bad(missingFacts(lacks));
    if (notAsked.length > 0) return bad(notAskedError(notAsked.map(({ origin }) => origin.binding)));
    const expireAfterMs = config.ADMISSION_EXPIRE_AFTER;
    return good(planOfConclusion(request, decisions, conclusion, rehearsal.now.getTime(), expireAfterMs));
  });
  if (!imagined.ok) return printError(json, imagined.error);
  print(json, imagined.value, () => ['not asked yet: this is how it would go', ...describePlan(imagined.value)]);
}

function planOf(id: string, json: boolean | undefined): Promise<void> {
  return withService(json, async ({ service }) => {
    const found = await service.plan(id);
    if (!found.ok) return found.error;
    print(json, found.value, () => describePlan(found.value));
    return undefined;
  });
}

/** Nobody knows what these would say, and so nobody knows the plan. */
function notAskedError(bindings: readonly string[]) {
  const message = `the plan depends on ${bindings.join(', ')}, which does I/O of its own`;
  return { code: 'NotAsked', message, accepted: '--ask-external' };
}
