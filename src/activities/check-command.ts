import { cancellationSignal } from '@temporalio/activity';
import { isUser } from '../domain/arn.ts';
import { NOT_AN_ADMIN, type CheckContext, type Checked, type CommandCall } from '../domain/checked.ts';
import type { ActorCommandName, Amendment, CommandOf } from '../domain/commands.ts';
import type { InputSchema } from '../domain/input-schema.ts';
import type { OnboardingCommandName, OnboardingCommandOf } from '../domain/onboarding/commands.ts';
import { isRefusal, type Refusal } from '../domain/refusal.ts';
import { parseJoinRequest, type JoinRequest } from '../domain/request.ts';
import type { Candidate } from '../domain/requirement.ts';
import { same } from '../domain/same.ts';
import { digestOf } from '../identity/digest.ts';
import type { Prover } from '../identity/prover.ts';
import { checkedAnswers } from '../json-schema/bounded.ts';
import { namedIssue } from '../policies/requirement-check.ts';
import { candidateOf } from '../policies/roster.ts';
import { parseCommand } from '../schemas/commands.ts';
import { parseOnboardingCommand as parseStep } from '../schemas/onboarding.ts';
import { readRoster } from './actors.ts';
import { requiredBearer, chimeFailure } from './chime-failure.ts';
import { measureOf, type FactSources } from './facts.ts';

/** A command as the guard of the workflow let it in. */
export type CheckCall = CommandCall & { readonly input: unknown } & (
    | { readonly of: 'request'; readonly name: ActorCommandName }
    | { readonly of: 'onboarding'; readonly name: OnboardingCommandName }
  );

type Command = CommandOf<ActorCommandName> | OnboardingCommandOf<OnboardingCommandName>;

export interface CheckDependencies extends FactSources {
  readonly prover: Prover;
}

export function createCheckActivities({ prover, ...sources }: CheckDependencies) {
  return {
    /**
     * Reads a command in full, and checks who gives it. What is wrong with the command itself leaves its proof as good as it
     * was; what is found after the proof comes as `Checked.refusal`.
     */
    async checkCommand(call: CheckCall): Promise<Checked<Command> | Refusal> {
      const read: Command | Refusal =
        call.of === 'request' ? parseCommand(call.name, call.input) : parseStep(call.name, call.input);
      if (isRefusal(read)) return read;
      const amended = call.amend && amendedRequest(call.amend, (read as CommandOf<'amend'>).changes);
      if (amended && isRefusal(amended)) return amended;
      const { actor, ...payload } = read;
      const { name, workflowId, requestedAt, standing } = call;
      const requestDigest = digestOf(call.subject);
      const proof = await prover.prove(actor, { command: name, workflowId, requestedAt, payload, requestDigest });
      if (isRefusal(proof)) return proof;
      const { roles, matched } = await heldBy(actor.principal, standing, sources);
      const command = { ...read, actor: { principal: actor.principal } };
      const checked = { ...proof, command, roles, matched, requestDigest, ...(amended ? { amended } : {}) };
      const refusal = call.admin && !roles.includes('app_instance_admin') ? NOT_AN_ADMIN : undefined;
      if (refusal) return { ...checked, refusal };
      return { ...checked, ...(await found(command, call, sources)) };
    },
  };
}

/** What only this command needs, and why it does not count after all. */
async function found(
  command: Command,
  { inputSchema, roster, standing }: CheckCall,
  sources: FactSources,
): Promise<Partial<Checked<Command>>> {
  if (inputSchema && 'answers' in command) {
    const answers = await checkedBy(inputSchema, command.answers);
    return isRefusal(answers) ? { refusal: answers } : { command: { ...command, ...answers } };
  }
  if (!roster || !('to' in command) || !standing || standing === 'admin') return {};
  const { to } = command;
  const refusal = await namedIssue(to, sources.own);
  if (refusal) return { refusal };
  const { approvers, ...asker } = roster;
  const sought = { request: standing.request, approvers: [...approvers, to], ...asker };
  return { roster: await readRoster(sought, sources) };
}

/** Answers as they are recorded, with defaults: checked in a child process, since the schema is somebody's own. */
async function checkedBy(
  schema: InputSchema,
  given: Readonly<Record<string, unknown>>,
): Promise<{ readonly answers: Readonly<Record<string, unknown>> } | Refusal> {
  const checked = await checkedAnswers(schema, given);
  if (checked.ok) return { answers: checked.answers as Readonly<Record<string, unknown>> };
  const { field, message } = checked;
  const accepted = JSON.stringify(schema).slice(0, 2_000);
  return { code: 'InvalidInput', message: `${field}: ${message}`, field, accepted };
}

function amendedRequest(request: JoinRequest, changes: Amendment): JoinRequest | Refusal {
  const entries = Object.entries({ ...request, ...changes }).filter(([, value]) => value !== null);
  const parsed = parseJoinRequest(Object.fromEntries(entries));
  if (!parsed.ok) {
    const [issue] = parsed.issues;
    return { code: 'InvalidRequest', message: issue?.message ?? 'not a request', ...issue };
  }
  if (!same(parsed.value, request)) return parsed.value;
  return { code: 'NothingChanges', message: 'The request says that already.', field: 'changes' };
}

async function heldBy(
  principal: string,
  standing: CheckContext['standing'],
  sources: FactSources,
): Promise<Pick<Candidate, 'roles' | 'matched'>> {
  const nothing = { roles: [], matched: [] };
  // Bots never review, whatever they hold.
  if (standing === null || !isUser(principal)) return nothing;
  if (standing === 'admin') {
    // Of their app instance: that needs no channel.
    const isAdmin = await sources.facts.isAdmin(principal, cancellationSignal()).catch(failed);
    return isAdmin ? { ...nothing, roles: ['app_instance_admin'] } : nothing;
  }
  const measure = await measureOf(standing, sources.own.read);
  const { channelArn } = standing.request;
  const scope = { channelArn, bearer: requiredBearer(channelArn, sources.bearers), signal: cancellationSignal() };
  // Offices are never taken from a memory here.
  const roles = await sources.facts.offices(principal, scope).catch(failed);
  return candidateOf({ arn: principal, roles }, measure);
}

function failed(error: unknown): never {
  throw chimeFailure(error);
}
