import { expect } from 'vitest';
import { createSetFolder } from '../policies/load/set-folder.ts';
import { admit } from '../support/admit.ts';
import type { Ran } from '../support/admit.ts';
import { startAdmission, valueOf } from '../support/admission.ts';
import type { TestAdmission } from '../support/admission.ts';

/**
 * Square asks for rules and a team; in lobby nobody stays longer than 90 days. A moderator has to agree to a term of more
 * than 5,000,000 seconds, in which extensions are counted.
 */
const SET = `apiVersion: admission/v1
bindings:
  - { name: channel-privacy, use: privacy }
  - { name: hidden-members, use: hidden-approval }
  - { name: bans, use: ban }
  - name: house-rules
    use: screening
    matchConditions: [{ name: square, expression: "request.channelArn.endsWith('/square')" }]
    params:
      prompt: Please read this first.
      rules: [Be kind.]
      questions: [{ id: team, question: Which team are you in?, type: choice, options: [audit, sales] }]
  - name: lobby-term
    use: term
    matchConditions: [{ name: lobby, expression: "request.channelArn.endsWith('/lobby')" }]
    params: { max: 90d }
  - name: long-terms
    use: approval
    matchConditions: [{ name: long, expression: "has(request.term) && request.term.matches('^[5-9][0-9]{6}s$')" }]
    params: { approvers: { roles: [channel_moderator] } }
`;

/** A whole admission system and the command line on it. */
export interface CliAdmission extends TestAdmission {
  /** The policy set's file. */
  readonly set: string;
  /** Runs `admit` to its end. */
  run(...args: string[]): Promise<Ran>;
  /** A request of a user for themselves that is open; its id. */
  open(channel: string, member: string, fields?: object): Promise<string>;
}

export async function startCliAdmission(settings: Record<string, string> = {}): Promise<CliAdmission> {
  const folder = await createSetFolder();
  const admission = await startAdmission(settings, { policySet: await folder.load(SET) });
  const { emulator, service, env } = admission;
  return {
    ...admission,
    set: `${folder.path}/admission.yaml`,
    run: (...args) => admit(args, { env }),
    async open(channel, member, fields = {}) {
      const request = { channelArn: emulator.channel(channel), memberArn: emulator.user(member), ...fields };
      const answer = valueOf(await service.join(request));
      expect(answer.outcome).toBeNull();
      return answer.id;
    },
    async close() {
      await admission.close();
      await folder.remove();
    },
  };
}

/** What is told of a command that was refused. */
export function refusalOf(ran: Ran): unknown {
  const { error } = ran.json<{ error: { code: string } }>();
  return [ran.code, error.code];
}
