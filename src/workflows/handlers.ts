import type { ApplicationFailure } from '@temporalio/common';
import { condition, setHandler } from '@temporalio/workflow';
import { ACCEPTED_IN_COMMAND, isRefusal } from '../domain/commands.ts';
import { parseCommand } from '../schemas/commands.ts';
import { parseJoinCommand } from '../schemas/join-request.ts';
import type { Refusal } from '../domain/commands.ts';
import { planOf } from '../domain/plan.ts';
import { answerFor } from '../domain/view.ts';
import type { Answer } from '../domain/view.ts';
import { refused } from './allowed.ts';
import { BUSY, CONTINUING, MOST_INSIDE, MOST_TAKEN } from './door.ts';
import { guarded, refuse } from './failures.ts';
import type { Command } from './inbox.ts';
import { NOT_SEEN } from './look.ts';
import { commandUpdates, planQuery, requestJoinUpdate, stateQuery } from './messages.ts';
import type { Record } from './record.ts';
import type { Run } from './run.ts';

/** A caller waits no longer for the first answer: then it is told `granting` (or `evaluating`). */
const ANSWER_WITHIN_MS = 5_000;

/** Registers every message of a request. Validators are synchronous, since the SDK drops an async one's promise. */
export function registerHandlers(run: Run, invalid: ApplicationFailure | undefined): void {
  const { record, inbox, door } = run;
  setHandler(stateQuery, () => record.view, { description: 'Everything there is to know about this request' });
  setHandler(planQuery, () => planOf(record.view), {
    description: 'What happened, what is going on, what is to come, who may act and by when',
  });

  const requestJoin = async (input: unknown) => {
    if (invalid) throw invalid;
    // Who asks first is told what was just done; who asks again, what is so now.
    if (record.view.state === 'active') await assertSeen(run);
    const settled = () => ['pending', 'incident', 'active', 'closed'].includes(record.view.state);
    // Where many wait, the next hear at once how far it is: they may not keep out who decides.
    const wait = async () => condition(settled, ANSWER_WITHIN_MS, { summary: 'Answer the caller, however far it is' });
    if (door.inside() < MOST_INSIDE) await wait();
    const { error } = record.view;
    if (error?.type === 'Unauthenticated') throw refuse({ ...error, code: 'Unauthenticated' });
    return { ...answerFor(record.view), ...notTaken(input, record) };
  };
  const join = async (input: unknown) => door.enter(async () => requestJoin(input));
  setHandler(requestJoinUpdate, guarded(join), {
    // A workflow that fails on its input refuses in the handler: a validator that does so in the same task hangs some servers.
    validator: (input) => {
      if (inbox.isClosed()) assertAllowed(CONTINUING);
      if (door.taken() >= MOST_TAKEN) assertAllowed(BUSY);
      assertAllowed(invalid ? undefined : otherRequest(input, record));
    },
    description: 'Ask to join, and learn where the request stands; never waits for people',
  });

  for (const [name, update] of commandUpdates) {
    const parsed = (input: unknown): Command => {
      const command = parseCommand(name, input);
      if (isRefusal(command)) throw refuse(command);
      return { name, command } as Command;
    };
    const isUrgent = ENDING.has(name);
    const submit = async (input: unknown) => {
      // Those of one instant were let in before any of them was inside.
      if (door.inside() > MOST_INSIDE && !isUrgent) throw refuse(BUSY);
      return inbox.submit(parsed(input));
    };
    setHandler(
      update,
      guarded(async (input) => door.enter(async () => submit(input))),
      {
        validator: (input) => {
          const command = parsed(input);
          if (inbox.isClosed()) assertAllowed(CONTINUING);
          if (door.inside() >= MOST_INSIDE && !isUrgent) assertAllowed(BUSY);
          assertAllowed(invalid ? NOT_A_REQUEST : refused(command, record.view));
        },
        description: `${name}: { ${ACCEPTED_IN_COMMAND[name]} }`,
      },
    );
  }
}

/** Where the member is gone the request ends, which is then the answer. */
async function assertSeen({ record, inbox, door }: Run): Promise<void> {
  if (inbox.isClosed()) throw refuse(CONTINUING);
  if (door.inside() > MOST_INSIDE) throw refuse(BUSY);
  const seen = await inbox.look(ANSWER_WITHIN_MS);
  if (seen?.is === 'left') await condition(() => record.view.state === 'closed', ANSWER_WITHIN_MS);
  if (record.view.state !== 'active' || seen?.is === 'there') return;
  throw refuse(seen?.is === 'unknown' ? seen.refusal : NOT_SEEN);
}

function assertAllowed(refusal: Refusal | undefined): void {
  if (refusal) throw refuse(refusal);
}

function otherRequest(input: unknown, { view: { request } }: Record): Refusal | undefined {
  const parsed = parseJoinCommand(input);
  if (!parsed.ok) {
    const [issue] = parsed.issues;
    return { code: 'InvalidRequest', message: issue?.message ?? 'not a request', ...issue };
  }
  const asked = parsed.value.request;
  const other = (['channelArn', 'memberArn', 'requestedBy'] as const).find((name) => asked[name] !== request[name]);
  if (other) {
    const message = `This workflow is about another request: ${other} differs.`;
    return { code: 'InvalidRequest', message, field: other, accepted: String(request[other]) };
  }
  if (asked.type === request.type) return undefined;
  return {
    code: 'OtherTypeOpen',
    message: `A request for a ${request.type} membership of the same member is open: let it end, amend or withdraw it, first.`,
    field: 'type',
    accepted: request.type,
  };
}

/** In what an open request is another than what is asked now. */
function notTaken(input: unknown, { view: { request } }: Record): Pick<Answer, 'notTaken'> {
  const parsed = parseJoinCommand(input);
  const asked = parsed.ok ? parsed.value.request : request;
  const fields = (['reason', 'term', 'subChannelId', 'chimeBearer'] as const).filter(
    (name) => asked[name] !== request[name],
  );
  return fields.length > 0 ? { notTaken: fields } : {};
}

/** Who ends something finds a place in any crowd. */
const ENDING: ReadonlySet<string> = new Set(['withdraw', 'revoke', 'abandon']);

const NOT_A_REQUEST: Refusal = { code: 'InvalidRequest', message: 'This workflow was started with no valid request.' };
