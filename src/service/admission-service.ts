import type { CommandName, CommandOf, CommandResult } from '../domain/commands.ts';
import type { Plan } from '../domain/plan.ts';
import type { Answer, RequestView, Revocation } from '../domain/view.ts';
import { giveCommand } from './give-command.ts';
import { join } from './join.ts';
import { listRequests, type ListFilter } from './list-requests.ts';
import { revocationId } from '../workflow-id.ts';
import { readPlan, readView, waitForEnd } from './read-view.ts';
import type { RequestSummary } from './listed.ts';
import { good, type Result } from './result.ts';
import { readRevocation, revoke, waitForRevocation } from './revoke.ts';
import type { ServiceOptions } from './connect.ts';

/** The one way to start, decide and inspect requests; CLI and HTTP call nothing else. Errors are data. */
export interface AdmissionService {
  /**
   * Asks to join and answers within seconds, however long people may take. `input`: the fields of a request, and `actor`
   * where there is proof of who asks. An open request of the same asker is joined.
   */
  join(input: unknown): Promise<Result<Answer>>;
  /** Everything there is to know of a request. */
  show(id: string): Promise<Result<RequestView>>;
  /** What happened to a request, what is going on, and what is still to come. */
  plan(id: string): Promise<Result<Plan>>;
  /** Waits until the request is closed; with `orActive`, or until the member is in, where the membership has a term. */
  wait(id: string, options?: { orActive?: boolean }): Promise<Result<RequestView>>;
  /** The same, and until a membership that is being ended after its request is ended. */
  waitUntilRevoked(id: string, begun?: Revocation): Promise<Result<RequestView>>;
  list(filter: ListFilter): Promise<Result<RequestSummary[]>>;
  /** Gives a command about a request, and answers with where the request stands then. */
  give<N extends CommandName>(id: string, name: N, command: CommandOf<N>): Promise<Result<CommandResult>>;
  review(id: string, command: CommandOf<'review'>): Promise<Result<CommandResult>>;
  withdraw(id: string, command: CommandOf<'withdraw'>): Promise<Result<CommandResult>>;
}

export function createAdmissionService(options: ServiceOptions): AdmissionService {
  const { client } = options;
  return {
    join: (input) => join(input, options),
    async show(id) {
      const view = await readView(id, options);
      if (!view.ok || !['joined', 'failed'].includes(view.value.outcome ?? '')) return view;
      const revocation = await readRevocation(revocationId(id, view.value.runId), client);
      return revocation ? good({ ...view.value, revocation }) : view;
    },
    plan: (id) => readPlan(id, options),
    async wait(id, { orActive = false } = {}) {
      await waitForEnd(id, orActive, client);
      return readView(id, options);
    },
    async waitUntilRevoked(id, begun) {
      await waitForEnd(id, false, client);
      const view = await readView(id, options);
      if (!view.ok || !begun) return view;
      return good({ ...view.value, revocation: await waitForRevocation(begun, client) });
    },
    list: (filter) => listRequests(filter, options),
    give: (id, name, command) =>
      name === 'revoke' ? revoke(id, command, options) : giveCommand(id, name, command, options),
    review: (id, command) => giveCommand(id, 'review', command, options),
    withdraw: (id, command) => giveCommand(id, 'withdraw', command, options),
  };
}
