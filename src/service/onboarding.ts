import { randomUUID } from 'node:crypto';
import { ServiceError, WithStartWorkflowOperation } from '@temporalio/client';
import type { Workflow } from '@temporalio/common';
import {
  ONBOARD,
  ONBOARDING_TYPE,
  START_ONBOARDING,
  type OnboardingCommandName,
  type OnboardingCommandOf,
  type OnboardingResult,
} from '../domain/onboarding/commands.ts';
import { parseOnboardingCommand } from '../schemas/onboarding.ts';
import { flowNameOf, parseOnboarding, type Onboarding } from '../domain/onboarding/input.ts';
import type { OnboardingView } from '../domain/onboarding/view.ts';
import { aboutOf } from '../domain/onboarding/subject.ts';
import { isRefusal } from '../domain/refusal.ts';
import { summaryText } from '../domain/text.ts';
import { digestOf } from '../identity/digest.ts';
import { onboardingId } from '../workflow-id.ts';
import { fewAtOnce } from './few-at-once.ts';
import { answered, noWorker, toAdmissionError, askOpen, untilHandled } from './failures.ts';
import {
  listOnboardings,
  ofOnboarding,
  readOnboarding,
  type OnboardingFilter,
  type OnboardingSummary,
} from './onboarding-reads.ts';
import { bad, good, type Result } from './result.ts';
import type { ServiceOptions } from './connect.ts';

/** The one way to start, steer and inspect onboardings. Errors are data. */
export interface OnboardingService {
  /**
   * `input`: the name of a flow, member, requestedBy, params, and `actor` where there is proof of who asks. One that is
   * open and the same is joined.
   */
  start(input: unknown): Promise<Result<OnboardingResult>>;
  /** Everything there is to know of an onboarding. */
  show(id: string): Promise<Result<OnboardingView>>;
  /** Waits until it is closed. */
  wait(id: string): Promise<Result<OnboardingView>>;
  list(filter: OnboardingFilter): Promise<Result<OnboardingSummary[]>>;
  give<N extends OnboardingCommandName>(
    id: string,
    name: N,
    command: OnboardingCommandOf<N>,
  ): Promise<Result<OnboardingResult>>;
}

export function createOnboardingService(options: ServiceOptions): OnboardingService {
  return {
    start: (input) => start(input, options),
    show: (id) => readOnboarding(id, options),
    async wait(id) {
      await options.client.workflow
        .getHandle(id)
        .result()
        .catch(() => undefined);
      return readOnboarding(id, options);
    },
    list: (filter) => listOnboardings(filter, options),
    give: (id, name, command) => give(id, name, command, options),
  };
}

async function start(input: unknown, options: ServiceOptions): Promise<Result<OnboardingResult>> {
  const parsed = parseOnboarding(input);
  if (!parsed.ok) return bad({ code: 'InvalidRequest', message: 'This is no onboarding.', ...parsed.issues[0] });
  const { subject } = parsed.value;
  const name = flowNameOf(subject);
  const id = onboardingId(name, subject, options.idKey);
  const asked = async (): Promise<Result<OnboardingResult>> => {
    try {
      return good(await ask(parsed.value, { id, name }, options));
    } catch (error) {
      return bad(ofOnboarding(toAdmissionError(error, id)));
    }
  };
  return fewAtOnce(id, () => answered(asked(), ofOnboarding(noWorker(options.taskQueue, id))));
}

async function ask(
  { subject, actor }: Onboarding,
  { id, name }: { readonly id: string; readonly name: string },
  options: ServiceOptions,
): Promise<OnboardingResult> {
  const { client, sign } = options;
  if (!sign || actor?.assertion !== undefined) {
    return startOrJoin({ ...subject, ...(actor ? { actor } : {}) }, { id, name }, options);
  }
  const open = await askOpen<OnboardingResult>(client.workflow.getHandle(id), START_ONBOARDING, subject);
  if (open) return open;
  const what = { command: ONBOARD, workflowId: id, payload: subject, requestDigest: digestOf(subject) };
  const principal = subject.requestedBy;
  return startOrJoin(
    { ...subject, actor: { principal, assertion: await sign(principal, what) } },
    { id, name },
    options,
  );
}

async function startOrJoin(
  input: object,
  { id, name }: { readonly id: string; readonly name: string },
  { client: { workflow }, taskQueue }: ServiceOptions,
): Promise<OnboardingResult> {
  const operation = () =>
    new WithStartWorkflowOperation(ONBOARDING_TYPE, {
      workflowId: id,
      taskQueue,
      args: [input],
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      // It names nobody: Temporal's lists show it for ever.
      staticSummary: summaryText(`Onboarding ${name}`),
    });
  return untilHandled(async () =>
    workflow.executeUpdateWithStart<Workflow, OnboardingResult, [object]>(START_ONBOARDING, {
      startWorkflowOperation: operation(),
      args: [input],
    }),
  );
}

/** Checks a command, has it signed where nobody did, and gives it. */
async function give(
  id: string,
  name: OnboardingCommandName,
  input: unknown,
  options: ServiceOptions,
): Promise<Result<OnboardingResult>> {
  const parsed = parseOnboardingCommand(name, input);
  if (isRefusal(parsed)) return bad({ ...parsed, id });
  const { sign, taskQueue } = options;
  const given = (command: object) =>
    fewAtOnce(id, () => answered(update(id, name, command, options), ofOnboarding(noWorker(taskQueue, id))));
  // What somebody else has signed stays as it is.
  if (parsed.actor.assertion !== undefined) return given(parsed);
  const { actor, ...payload } = withReviewId(parsed);
  if (!sign) return given({ ...payload, actor });
  const view = await readOnboarding(id, options);
  if (!view.ok) return view;
  const { subject, subjectDigest = digestOf(subject), requestedAt, reviewDigest } = view.value;
  const about = aboutOf(name, payload, view.value);
  // Unless the reviewer said what was seen, it is what was read now.
  const bound = 'decision' in payload && reviewDigest ? { requestDigest: reviewDigest, ...payload } : payload;
  const assertion = await sign(actor.principal, {
    command: name,
    workflowId: id,
    payload: bound,
    requestDigest: about === undefined ? subjectDigest : digestOf(about),
    requestedAt,
  });
  return given({ ...bound, actor: { principal: actor.principal, assertion } });
}

/** With an id of its own, a review whose answer is lost may be given again. */
function withReviewId<C extends object>(command: C): C {
  return 'decision' in command ? { reviewId: randomUUID(), ...command } : command;
}

async function update(
  id: string,
  name: string,
  command: object,
  { client }: ServiceOptions,
): Promise<Result<OnboardingResult>> {
  const handle = client.workflow.getHandle(id);
  // The same id for the same command: what was taken already is answered, and not taken again.
  const given = { args: [command] as [object], updateId: randomUUID() };
  try {
    return good(await untilHandled(async () => handle.executeUpdate<OnboardingResult, [object]>(name, given)));
  } catch (error) {
    return bad(await meaningOf(error, id, handle));
  }
}

/** Temporal finds no open workflow for a closed onboarding: then it is closed, not unknown. */
async function meaningOf(error: unknown, id: string, handle: { describe(): Promise<{ type: string }> }) {
  const meaning = ofOnboarding(toAdmissionError(error, id));
  if (meaning.code !== 'UnknownRequest') return meaning;
  const known = await handle.describe().catch((cause: unknown) => cause);
  if (known instanceof ServiceError || known instanceof Error) return meaning;
  const isOne = (known as { type: string }).type === ONBOARDING_TYPE;
  return isOne ? { code: 'AlreadyResolved', message: 'The onboarding is closed, and that is final.', id } : meaning;
}
