import type { Client } from '@temporalio/client';
import type { ChimeClients } from '../chime/client.ts';
import { signsOf } from '../chime/error-signs.ts';
import { createChimeReads, type ChimeReads } from '../chime/reads.ts';
import type { Config } from '../config.ts';
import { parseArn, shortName } from '../domain/arn.ts';
import { serviceBearerFor } from '../domain/bearers.ts';
import { classify } from '../domain/chime-errors.ts';
import { WORKFLOW_TYPE } from '../domain/commands.ts';
import { isOurs } from '../domain/ownership.ts';
import { describeRun, grantedBy, type RequestRun } from '../request-runs.ts';
import type { TemporalAccess } from './connect.ts';
import { livePollers } from './pollers.ts';
import { searchAttributeState } from './search-attributes.ts';

/** One thing that has to be right, whether it is, and how to mend it. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly message: string;
  readonly mend?: string;
}

/** Looks at everything that a request needs once a server answers. Never throws; every problem is a check that failed. */
export async function diagnose(access: TemporalAccess, config: Config, clients: ChimeClients): Promise<Check[]> {
  const { ADMISSION_TASK_QUEUE: queue, ADMISSION_CHIME_TASK_QUEUE: chimeQueue, ADMISSION_BEARERS: bearers } = config;
  const namespace = await attempt('namespace', 'create it, or set TEMPORAL_NAMESPACE', () => namespaceCheck(access));
  const rest = await Promise.all([
    attempt('search attributes', 'run `admit setup`', () => searchAttributesCheck(access)),
    attempt('worker', 'start one: `admit worker`', () => pollerCheck('worker', access, queue, 'workflows')),
    attempt('chime worker', 'start one: `admit worker`', () =>
      pollerCheck('chime worker', access, chimeQueue, 'activities'),
    ),
    attempt('AWS credentials', CREDENTIALS_MEND, () => credentialsCheck(clients)),
    ...(bearers.length > 0 ? bearers : [undefined]).map((bearer) =>
      attempt('service bearer', BEARER_MEND, () => bearerCheck(bearer, clients)),
    ),
  ]);
  const server = { name: 'server', ok: true, message: `Temporal answers at ${access.address}` };
  return [server, namespace, ...rest, ...(await memberships(access, config, clients))];
}

async function memberships(access: TemporalAccess, config: Config, clients: ChimeClients): Promise<Check[]> {
  const { ADMISSION_TASK_QUEUE: taskQueue, ADMISSION_BEARERS: bearers } = config;
  const reader = { client: access.client, reads: createChimeReads(clients), taskQueue, bearers };
  let checks: Check[] = [];
  const failed = await attempt('memberships', 'run `admit setup`, then `admit doctor` again', async () => {
    checks = await leftBehind(reader);
    return { ok: true, message: '' };
  });
  return failed.ok ? checks : [failed];
}

type Found = { ok: boolean; message: string };

/** A check that cannot be made has failed, and says why. The mend is named only where it is needed. */
async function attempt(name: string, mend: string, look: () => Promise<Found>): Promise<Check> {
  const found = await look().catch((error: unknown): Found => {
    const { name: type, message } = signsOf(error);
    return { ok: false, message: `${type}: ${message}` };
  });
  return { name, ...found, ...(found.ok ? {} : { mend }) };
}

async function namespaceCheck({ connection, namespace }: TemporalAccess): Promise<Found> {
  await connection.workflowService.describeNamespace({ namespace });
  return { ok: true, message: `namespace ${namespace} is there` };
}

async function searchAttributesCheck({ connection, namespace }: TemporalAccess): Promise<Found> {
  const { missing, wrong } = await searchAttributeState(connection, namespace);
  if (missing.length > 0) return { ok: false, message: `missing: ${missing.join(', ')}` };
  const types = wrong.map(({ name, type, needed }) => `${name} is ${type} instead of ${needed}`);
  return { ok: wrong.length === 0, message: types.join('; ') || 'all are registered, with the right types' };
}

async function pollerCheck(
  what: string,
  { connection, namespace }: TemporalAccess,
  queue: string,
  of: 'workflows' | 'activities',
): Promise<Found> {
  const live = await livePollers(connection.workflowService, { namespace, queue, of });
  if (live === 0) return { ok: false, message: `no ${what} polls the task queue ${queue}` };
  return { ok: true, message: `${live} poller(s) on the task queue ${queue}` };
}

async function credentialsCheck({ messaging }: ChimeClients): Promise<Found> {
  const region = await messaging.config.region();
  const { accessKeyId } = await messaging.config.credentials();
  return { ok: true, message: `found ${accessKeyId.slice(0, 4)}… for region ${region}` };
}

async function bearerCheck(bearer: string | undefined, clients: ChimeClients): Promise<Found> {
  if (!bearer) return { ok: false, message: 'ADMISSION_BEARERS is not set' };
  try {
    const admins = await createChimeReads(clients).admins(parseArn(bearer)?.appInstanceArn ?? bearer);
    const ok = admins.includes(bearer);
    return { ok, message: `${bearer} is ${ok ? 'an' : 'no'} admin of its app instance` };
  } catch (error) {
    const signs = signsOf(error);
    return { ok: false, message: `${signs.name}: ${signs.message} (${classify(signs).hint})` };
  }
}

const CREDENTIALS_MEND =
  'set AWS_REGION and AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or a role of the machine';
const BEARER_MEND = 'set ADMISSION_BEARERS to users or bots that are made admin by CreateAppInstanceAdmin';

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
