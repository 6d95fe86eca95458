import type { ChimeClients } from '../chime/client.ts';
import type { Config } from '../config.ts';
import { parseArn } from '../domain/arn.ts';
import { classify } from '../domain/chime-errors.ts';
import { signsOf } from '../chime/error-signs.ts';
import { createChimeReads } from '../chime/reads.ts';
import type { TemporalAccess } from './connect.ts';
import { leftBehind } from './left-behind.ts';
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
