import type { Command } from 'commander';
import { ONBOARDING_STATES } from '../../../domain/onboarding/state.ts';
import type { OnboardingSummary } from '../../../service/onboarding-reads.ts';
import { withService } from '../../context.ts';
import { actorOf } from '../../give.ts';
import { given } from '../../given.ts';
import { columns, noteUnread, print } from '../../output.ts';

interface ListOptions {
  state?: string;
  member?: string;
  mine?: boolean;
  as?: string;
  limit: string;
  json?: boolean;
}

export function addOnboardList(onboard: Command): void {
  onboard
    .command('list')
    .summary('list onboardings, newest first; with --mine, those that wait for me')
    .description('Lists onboardings, newest first. Those with a HIDDEN join are not found by member.')
    .option('--state <state>', ONBOARDING_STATES.join(', '))
    .option('--member <arn>', 'of this member')
    .option('--mine', 'only those whose step waits for a review or an answer of mine')
    .option('--as <arn>', 'who I am, for --mine (default: whom the signing key is for)')
    .option('--limit <n>', 'at most so many, 1 to 1000', '50')
    .option('--json', 'print JSON')
    .action(({ state, member, mine, as, limit, json }: ListOptions) =>
      withService(json, async (context) => {
        const { onboarding, uiUrl } = context;
        const me = mine ? actorOf(as, context) : undefined;
        if (me && !me.ok) return me.error;
        const found = await onboarding.list({ limit: Number(limit), ...given({ state, member, mine: me?.value }) });
        if (!found.ok) return found.error;
        noteUnread(found.unread);
        const all = found.value.map((one) => ({ ...one, uiUrl: uiUrl(one.id, one.runId) }));
        print(json, all, () => (all.length > 0 ? table(all) : ['no onboardings']));
        return undefined;
      }),
    );
}

function table(onboardings: readonly OnboardingSummary[]): string[] {
  const rows = onboardings.map(({ state, outcome, percent, flow, step, requestedAt, dueAt, id }) => [
    outcome ?? state,
    `${percent} %`,
    flow ?? '',
    step ?? '',
    requestedAt.slice(0, 16),
    dueAt?.slice(0, 16) ?? '',
    id,
  ]);
  return columns([['STATE', 'DONE', 'FLOW', 'STEP', 'ASKED', 'NEXT', 'ID'], ...rows]);
}
