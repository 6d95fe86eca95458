import type { Client } from '@temporalio/client';
import { signsOf } from '../chime/error-signs.ts';
import type { ChimeReads } from '../chime/reads.ts';
import { shortName } from '../domain/arn.ts';
import { serviceBearerFor } from '../domain/bearers.ts';
import { WORKFLOW_TYPE } from '../domain/commands.ts';
import { isOurs } from '../domain/ownership.ts';
import { describeRun, grantedBy } from '../request-runs.ts';
import type { RequestRun } from '../request-runs.ts';
import type { Check } from './doctor.ts';

/** More than these nobody looks at at once. */
const MOST = 200;
/** How long a worker may take to answer for one, in ms. */
const READ_WITHIN_MS = 5_000;

interface Reader {
  readonly client: Client;
  readonly reads: ChimeReads;
  readonly taskQueue: string;
  readonly bearers: readonly string[];
}

/**
 * Memberships that nobody ends any more: their request was terminated, or timed out, while it had one or was making one.
 * Each is a check that failed; what cannot be read is reported, and holds nothing up.
 */
export async function leftBehind(reader: Reader): Promise<Check[]> {
  const { client, taskQueue } = reader;
  const query = [
    `WorkflowType = '${WORKFLOW_TYPE}'`,
    `TaskQueue = '${taskQueue.replaceAll("'", "''")}'`,
    `ExecutionStatus IN ('Terminated', 'TimedOut')`,
    `AdmissionState IN ('active', 'granting', 'incident', 'evaluating')`,
  ].join(' AND ');
  const checks: Check[] = [];
  const unread: string[] = [];
  let seen = 0;
  for await (const { workflowId, runId } of client.workflow.list({ query })) {
    if ((seen += 1) > MOST) break;
    const found = await lookAt(workflowId, runId, reader).catch((error: unknown) => {
      unread.push(`${workflowId} (${signsOf(error).message})`);
    });
    if (found) checks.push(found);
  }
  return [...checks, ...unreadCheck(unread), ...manyCheck(seen), ...allWell(checks.length + unread.length, seen)];
}

async function lookAt(id: string, runId: string, reader: Reader): Promise<Check | undefined> {
  const { client, reads, bearers } = reader;
  const [run, latest] = await Promise.all([describeRun(client, id, runId), describeRun(client, id)]);
  // A reset ended it, and its next run looks after the membership.
  if (latest.runId !== runId && latest.firstRunId === run.firstRunId) return undefined;
  const granted = await inTime(grantedBy(client, run));
  if (!granted) return undefined;
  const { channelArn, memberArn, subChannelId } = granted.view.request;
  const bearer = serviceBearerFor(channelArn, bearers);
  if (bearer === undefined) throw new Error(`there is no service bearer for ${channelArn}`);
  const found = await reads.madeMembership({ channelArn, bearer }, memberArn, subChannelId);
  return found && isOurs(found, granted.grant) ? checkOf(run, granted.view.request) : undefined;
}

function checkOf({ id, status }: RequestRun, request: { memberArn: string; channelArn: string }): Check {
  const [who, where] = [shortName(request.memberArn), shortName(request.channelArn)];
  const how = status === 'TERMINATED' ? 'was terminated' : 'timed out';
  const message = `${who} is still in ${where}: the request ${id} ${how}, and nothing ends the membership any more`;
  return { name: 'membership', ok: false, message, mend: `admit revoke ${id} --reason WHY --as ADMIN_ARN` };
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no worker answers for it')), READ_WITHIN_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

function unreadCheck(unread: readonly string[]): Check[] {
  if (unread.length === 0) return [];
  const some = unread.slice(0, 5).join('; ');
  const message = `${unread.length} request(s) that were ended in Temporal could not be looked at: ${some}`;
  return [{ name: 'memberships', ok: false, message, mend: 'run `admit doctor` again while a worker runs' }];
}

function manyCheck(seen: number): Check[] {
  if (seen <= MOST) return [];
  const message = `more than ${MOST} requests were ended in Temporal: the newest ${MOST} were looked at`;
  return [
    {
      name: 'memberships',
      ok: false,
      message,
      mend: 'lists of Temporal name the others: ExecutionStatus = `Terminated`',
    },
  ];
}

function allWell(problems: number, seen: number): Check[] {
  if (problems > 0 || seen > MOST) return [];
  return [{ name: 'memberships', ok: true, message: 'none is left of a request that was ended in Temporal' }];
}
